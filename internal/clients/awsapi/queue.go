package awsapi

import (
	"context"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/sqs"
)

// Message is a message that was received from a queue.
type Message struct {
	Body string
	// Receipt is what DeleteMessage takes.
	Receipt string
}

const (
	// messagesAtOnce is the most that SQS hands out at once.
	messagesAtOnce = 10
	// messageWait is how many seconds SQS waits for a message, its longest.
	messageWait = 20
)

// SendMessage sends a message to the queue with the given URL. When an answer is lost, sending it again makes another.
func (c *Client) SendMessage(ctx context.Context, queueURL, body string) error {
	_, err := send(ctx, c, "send a message to "+queueURL, c.sqs.SendMessage, &sqs.SendMessageInput{QueueUrl: &queueURL, MessageBody: &body})
	return err
}

// ReceiveMessages returns up to ten messages of the queue with the given URL, and hides them from others for a time of a
// second at least. Where there is none it waits for one, 20 seconds at most. It writes: who only looks must not call it.
//
// Differs from the reference: up to ten messages of a queue are taken at once, where the reference takes one.
func (c *Client) ReceiveMessages(ctx context.Context, queueURL string, hidden time.Duration) ([]Message, error) {
	out, err := send(ctx, c, "receive messages from "+queueURL, c.sqs.ReceiveMessage, &sqs.ReceiveMessageInput{
		QueueUrl: &queueURL, MaxNumberOfMessages: messagesAtOnce, WaitTimeSeconds: messageWait,
		VisibilityTimeout: int32(max(hidden, time.Second).Seconds()),
	})
	if err != nil {
		return nil, err
	}
	var messages []Message
	for _, message := range out.Messages {
		messages = append(messages, Message{Body: aws.ToString(message.Body), Receipt: aws.ToString(message.ReceiptHandle)})
	}
	return messages, nil
}

// DeleteMessage removes a message that was received from the queue with the given URL. One that is gone is success.
func (c *Client) DeleteMessage(ctx context.Context, queueURL, receipt string) error {
	_, err := send(ctx, c, "delete a message of "+queueURL, c.sqs.DeleteMessage, &sqs.DeleteMessageInput{QueueUrl: &queueURL, ReceiptHandle: &receipt})
	return err
}
