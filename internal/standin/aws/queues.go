package aws

import (
	"crypto/md5"
	"encoding/hex"
	"slices"
	"strconv"
	"strings"
	"time"
)

// queueOperations are those of SQS.
// Source: https://docs.aws.amazon.com/AWSSimpleQueueService/latest/APIReference/
var queueOperations = map[string]operation{
	"SendMessage":    with(sendMessage),
	"ReceiveMessage": with(receiveMessage),
	"DeleteMessage":  with(deleteMessage),
}

// queryCodes are the codes that SQS had before it spoke JSON and still sends in a header.
var queryCodes = map[string]string{
	"QueueDoesNotExist":      "AWS.SimpleQueueService.NonExistentQueue",
	"ReceiptHandleIsInvalid": "ReceiptHandleIsInvalid",
	"RequestThrottled":       "RequestThrottled",
	"InvalidClientTokenId":   "InvalidClientTokenId",
}

// maxMessage is the size of a message in bytes.
const maxMessage = 1 << 20

// usuallyHidden is how long a received message stays hidden where neither request nor queue say so.
const usuallyHidden = 30

// queue finds a queue of the caller's account by its URL: https://sqs.REGION.amazonaws.com/ACCOUNT/NAME.
func (c *call) queue(url string) (*Queue, *refusal) {
	parts := strings.Split(url, "/")
	if len(parts) == 5 && parts[3] == c.caller.account {
		if queue := c.account().Queues[c.signature.region][parts[4]]; queue != nil {
			return queue, nil
		}
	}
	return nil, invalid("QueueDoesNotExist", "The specified queue does not exist.")
}

func sendMessage(c *call, in struct{ QueueURL, MessageBody string }) (object, *refusal) {
	queue, refused := c.queue(in.QueueURL)
	switch {
	case refused != nil:
		return nil, refused
	case in.MessageBody == "":
		return nil, invalid("MissingParameter", "The request must contain the parameter MessageBody.")
	case len(in.MessageBody) > maxMessage:
		return nil, invalid("InvalidParameterValue", "One or more parameters are invalid. Reason: Message must be shorter than 1048576 bytes.")
	}
	queue.Sent++
	message := &Message{ID: lower("", 32, in.QueueURL, strconv.Itoa(queue.Sent)), Body: in.MessageBody}
	queue.Messages = append(queue.Messages, message)
	return object{"MessageId": message.ID, "MD5OfMessageBody": checksum(message.Body)}, nil
}

func checksum(body string) string {
	sum := md5.Sum([]byte(body))
	return hex.EncodeToString(sum[:])
}

// receiveMessage never waits for a message to come.
func receiveMessage(c *call, in struct {
	QueueURL            string
	MaxNumberOfMessages *int
	VisibilityTimeout   *int
}) (object, *refusal) {
	queue, refused := c.queue(in.QueueURL)
	if refused != nil {
		return nil, refused
	}
	most, hidden := 1, usuallyHidden
	if in.MaxNumberOfMessages != nil {
		most = *in.MaxNumberOfMessages
	}
	if in.VisibilityTimeout != nil {
		hidden = *in.VisibilityTimeout
	}
	if most < 1 || most > 10 || hidden < 0 || hidden > 43200 {
		return nil, invalid("InvalidParameterValue", "Value for parameter MaxNumberOfMessages or VisibilityTimeout is invalid. Reason: Must be between 1 and 10, and between 0 and 43200.")
	}
	messages := []object{}
	for _, message := range queue.Messages {
		if len(messages) == most {
			break
		}
		if c.now.Before(message.HiddenUntil) {
			continue
		}
		message.Received++
		message.HiddenUntil = c.now.Add(time.Duration(hidden) * time.Second)
		messages = append(messages, object{
			"MessageId": message.ID, "Body": message.Body, "MD5OfBody": checksum(message.Body), "ReceiptHandle": message.handle(),
		})
	}
	if len(messages) == 0 {
		return nil, nil
	}
	return object{"Messages": messages}, nil
}

// handle is another one each time that the message is received.
func (m *Message) handle() string { return m.ID + "." + strconv.Itoa(m.Received) }

// deleteMessage takes only the newest handle of a message. An older one is no error and does nothing.
func deleteMessage(c *call, in struct{ QueueURL, ReceiptHandle string }) (object, *refusal) {
	queue, refused := c.queue(in.QueueURL)
	if refused != nil {
		return nil, refused
	}
	if !strings.Contains(in.ReceiptHandle, ".") {
		return nil, invalid("ReceiptHandleIsInvalid", "The input receipt handle is invalid.")
	}
	queue.Messages = slices.DeleteFunc(queue.Messages, func(m *Message) bool {
		return m.Received > 0 && m.handle() == in.ReceiptHandle
	})
	return nil, nil
}
