package kubeapi

import (
	"context"
	"fmt"
	"net/http"
	"time"

	apierrors "k8s.io/apimachinery/pkg/api/errors"
	utiljson "k8s.io/apimachinery/pkg/util/json"
	"k8s.io/client-go/rest"

	"github.com/app-sre/qontract-temporal/internal/apierr"
)

const (
	// throttleAttempts and throttleWait bound how long a request waits out a server's 429 on its own, which lets
	// a long read go on slower. Beyond that the error goes up, and with it the delay that the server asked for.
	throttleAttempts = 5
	throttleWait     = 10 * time.Second
)

// call says what a request does, for messages.
type call struct {
	verb            string
	kind            string
	namespace, name string
	// secret says that the object holds values of secrets, whatever its kind.
	secret bool
}

func (k call) String() string {
	if k.kind == "" {
		return k.verb
	}
	if k.name == "" && k.namespace == "" {
		return fmt.Sprintf("%s %s", k.verb, k.kind)
	}
	if k.name == "" {
		return fmt.Sprintf("%s %s in namespace %s", k.verb, k.kind, k.namespace)
	}
	return k.verb + " " + describe(k.kind, k.namespace, k.name)
}

// reference names one live object, or with an empty name all of a kind in a namespace.
type reference struct {
	Kind
	namespace, name string
	// secret says that the object holds values of secrets, whatever its kind.
	secret bool
}

func (r reference) String() string { return describe(r.Kind.Name, r.namespace, r.name) }

// request starts a request about an object. MaxRetries keeps client-go from waiting out throttling by itself, for
// as long as the server likes.
func (c *Client) request(verb string, ref reference) *rest.Request {
	req := c.rest.Verb(verb).AbsPath(ref.path()).MaxRetries(0).Resource(ref.Resource)
	if ref.Namespaced && ref.namespace != "" {
		req.Namespace(ref.namespace)
	}
	if ref.name != "" {
		req.Name(ref.name)
	}
	return req
}

// send sends what build makes, waits out short throttling, and classifies the error. The answer is the raw body.
func (c *Client) send(ctx context.Context, what call, build func() *rest.Request) ([]byte, error) {
	for attempt := 1; ; attempt++ {
		noted, delay := withDelay(ctx)
		result := build().Do(noted)
		// Raw alone would give an error without what the server said.
		err := result.Error()
		if err == nil {
			return result.Raw()
		}
		if apierrors.IsUnauthorized(err) {
			c.refused.Store(true)
		}
		failed := delayed(classify(c.cluster, what, err), *delay)
		wait := apierr.RetryAfter(failed)
		if !apierr.Is(failed, apierr.Limited) || attempt == throttleAttempts || wait > throttleWait {
			return nil, failed
		}
		timer := time.NewTimer(max(wait, time.Second))
		select {
		case <-ctx.Done():
			timer.Stop()
			return nil, failed
		case <-timer.C:
		}
	}
}

// object is send for requests that are answered with an object.
func (c *Client) object(ctx context.Context, what call, build func() *rest.Request) (map[string]any, error) {
	data, err := c.send(ctx, what, build)
	if err != nil {
		return nil, err
	}
	var body map[string]any
	if err := utiljson.Unmarshal(data, &body); err != nil {
		return nil, apierr.Errorf(apierr.Unavailable, "%s in cluster %s: the server's answer is no JSON object", what, c.cluster)
	}
	return body, nil
}

// get reads one object. One that is not there is apierr.Missing.
func (c *Client) get(ctx context.Context, ref reference) (map[string]any, error) {
	return c.object(ctx, ref.call("get"), func() *rest.Request { return c.request(http.MethodGet, ref) })
}

func (r reference) call(verb string) call {
	return call{verb: verb, kind: r.Kind.Name, namespace: r.namespace, name: r.name, secret: r.secret}
}
