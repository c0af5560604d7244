package aws

import (
	"bytes"
	"encoding/json"
	"encoding/xml"
	"fmt"
	"io"
	"maps"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
)

// protocol is how a service speaks.
type protocol int

const (
	// query sends a form and answers in XML: IAM and STS.
	query protocol = iota + 1
	// json10 and json11 name the operation in a header: SQS; Organizations, Support and Service Quotas.
	json10
	json11
	// rest has a path for each operation: Account.
	rest
	// restXML has a path for each bucket, and answers in XML: S3.
	restXML
)

type object map[string]any

// refusal is an answer that is no success.
type refusal struct {
	status        int
	code, message string
	// retryAfter is in seconds; zero sends no header.
	retryAfter int
}

// operation carries a request out.
type operation func(*call) (object, *refusal)

// operations are all that are served, by the service's name in a request's signature.
func operations() map[string]map[string]operation {
	return map[string]map[string]operation{
		"account":       accountOperations,
		"iam":           iamOperations,
		"organizations": organizationsOperations,
		"s3":            bucketOperations,
		"servicequotas": quotaOperations,
		"sqs":           queueOperations,
		"sts":           stsOperations,
		"support":       supportOperations,
	}
}

// with decodes the request for an operation.
func with[In any](handle func(*call, In) (object, *refusal)) operation {
	return func(c *call) (object, *refusal) {
		var in In
		if err := json.Unmarshal(c.input, &in); err != nil {
			return nil, &refusal{status: http.StatusBadRequest, code: "SerializationException", message: "The request cannot be read"}
		}
		return handle(c, in)
	}
}

// ask finds out how a request asks for which operation, and its input as JSON.
func ask(r *http.Request, body []byte, service string) (protocol, string, []byte) {
	if target := r.Header.Get("X-Amz-Target"); target != "" {
		_, operation, _ := strings.Cut(target, ".")
		if service == "sqs" {
			return json10, operation, body
		}
		return json11, operation, body
	}
	if service == "account" {
		operation := strings.TrimPrefix(r.URL.Path, "/")
		if operation != "" {
			operation = strings.ToUpper(operation[:1]) + operation[1:]
		}
		if len(body) == 0 {
			body = []byte("{}")
		}
		return rest, operation, body
	}
	if service == "s3" {
		operation, input := askS3(r, body)
		return restXML, operation, input
	}
	form, err := url.ParseQuery(string(body))
	if err != nil {
		return query, "", nil
	}
	fields := map[string]string{}
	for name := range form {
		fields[name] = form.Get(name)
	}
	// A map of strings is always JSON.
	input, _ := json.Marshal(fields)
	return query, form.Get("Action"), input
}

// peek finds out which operation of which service a request asks for. It leaves the request's body as it was.
func peek(r *http.Request) (service, operation string) {
	body, err := io.ReadAll(r.Body)
	r.Body = io.NopCloser(bytes.NewReader(body))
	if err != nil {
		return "", ""
	}
	service = parseSignature(r).service
	_, operation, _ = ask(r, body, service)
	return service, operation
}

// Operation names what a request asks for, as in organizations.TagResource: most requests are POST /. It is empty where
// the request does not say. It leaves the request's body as it was.
func Operation(r *http.Request) string {
	service, operation := peek(r)
	if service == "" || operation == "" {
		return operation
	}
	return service + "." + operation
}

// IsRead says whether a request leaves AWS as it is. It leaves the request's body as it was.
func IsRead(r *http.Request) bool {
	_, operation := peek(r)
	for _, verb := range []string{"Assume", "Describe", "Get", "Head", "List"} {
		if strings.HasPrefix(operation, verb) {
			return true
		}
	}
	return false
}

// write sends a result or a refusal in the form of the service.
func (c *call) write(w http.ResponseWriter, id string, result object, refused *refusal) {
	status := http.StatusOK
	if refused != nil {
		status = refused.status
		if refused.retryAfter > 0 {
			w.Header().Set("Retry-After", strconv.Itoa(refused.retryAfter))
		}
	}
	w.Header().Set("X-Amzn-Requestid", id)
	var text []byte
	if c.protocol == query {
		w.Header().Set("Content-Type", "text/xml")
		text = c.xml(id, result, refused)
	} else {
		text = c.json(w.Header(), result, refused)
	}
	w.WriteHeader(status)
	_, _ = w.Write(text)
}

func (c *call) json(header http.Header, result object, refused *refusal) []byte {
	types := map[protocol]string{json10: "application/x-amz-json-1.0", json11: "application/x-amz-json-1.1", rest: "application/json"}
	header.Set("Content-Type", types[c.protocol])
	if result == nil {
		result = object{}
	}
	if refused != nil {
		switch c.protocol {
		case rest:
			header.Set("X-Amzn-Errortype", refused.code+":http://internal.amazon.com/coral/com.amazonaws.account/")
			result = object{"message": refused.message}
		case json10:
			// The codes that SQS had while it spoke the query protocol.
			if old, ok := queryCodes[refused.code]; ok {
				header.Set("X-Amzn-Query-Error", old+";Sender")
			}
			result = object{"__type": "com.amazonaws.sqs#" + refused.code, "message": refused.message}
		default:
			result = object{"__type": refused.code, c.messageField(): refused.message}
		}
	}
	// An object holds what JSON has a form for.
	text, _ := json.Marshal(result)
	return text
}

// messageField is where the services that speak JSON 1.1 say what is wrong.
func (c *call) messageField() string {
	if c.signature.service == "support" {
		return "message"
	}
	return "Message"
}

// namespaces of the XML, by service.
var namespaces = map[string]string{
	"iam": "https://iam.amazonaws.com/doc/2010-05-08/",
	"sts": "https://sts.amazonaws.com/doc/2011-06-15/",
}

func (c *call) xml(id string, result object, refused *refusal) []byte {
	namespace := namespaces[c.signature.service]
	var out strings.Builder
	if refused != nil {
		fmt.Fprintf(&out, `<ErrorResponse xmlns="%s"><Error><Type>Sender</Type><Code>%s</Code>`, namespace, refused.code)
		element(&out, "Message", refused.message)
		fmt.Fprintf(&out, `</Error><RequestId>%s</RequestId></ErrorResponse>`, id)
		return []byte(out.String())
	}
	fmt.Fprintf(&out, `<%sResponse xmlns="%s">`, c.operation, namespace)
	if result != nil {
		element(&out, c.operation+"Result", result)
	}
	fmt.Fprintf(&out, `<ResponseMetadata><RequestId>%s</RequestId></ResponseMetadata></%sResponse>`, id, c.operation)
	return []byte(out.String())
}

// element writes a value as the query protocol does: lists have members.
func element(out *strings.Builder, name string, value any) {
	out.WriteString("<" + name + ">")
	switch value := value.(type) {
	case object:
		for _, field := range slices.Sorted(maps.Keys(value)) {
			element(out, field, value[field])
		}
	case []object:
		for _, member := range value {
			element(out, "member", member)
		}
	case []string:
		for _, member := range value {
			element(out, "member", member)
		}
	default:
		// A strings.Builder takes everything.
		_ = xml.EscapeText(out, fmt.Appendf(nil, "%v", value))
	}
	out.WriteString("</" + name + ">")
}

// page returns the part of a list that begins at a token, and the token of the next part; it is empty at the end. ok is
// false for a token that was never given out.
func page[T any](c *call, all []T, token string) (part []T, next string, ok bool) {
	size := c.estate.PageSize
	if size == 0 {
		size = 20
	}
	from := 0
	if token != "" {
		var err error
		from, err = strconv.Atoi(strings.TrimPrefix(token, "page-"))
		if err != nil || from < 0 || from > len(all) || !strings.HasPrefix(token, "page-") {
			return nil, "", false
		}
	}
	to := min(from+size, len(all))
	if to < len(all) {
		next = "page-" + strconv.Itoa(to)
	}
	return all[from:to], next, true
}
