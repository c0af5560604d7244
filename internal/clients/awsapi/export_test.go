package awsapi

import "github.com/aws/aws-sdk-go-v2/aws"

// WithHTTP changes what sends the requests of clients that the pool has not made yet.
func (p *Pool) WithHTTP(client aws.HTTPClient) *Pool {
	p.http = bounded{client}
	return p
}
