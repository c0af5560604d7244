package temporal

import (
	"bytes"
	"compress/gzip"
	"encoding/binary"
	"errors"
	"io"
	"maps"
	"net/http"
	"path"
	"slices"
	"strings"

	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/reflect/protoreflect"
	"google.golang.org/protobuf/reflect/protoregistry"
	"google.golang.org/protobuf/types/dynamicpb"
)

// isRead recognises the methods that change nothing. All of gRPC is sent by POST.
func isRead(r *http.Request) bool {
	method := path.Base(r.URL.Path)
	return slices.ContainsFunc([]string{"Get", "List", "Describe", "Count", "Check"}, func(verb string) bool { return strings.HasPrefix(method, verb) })
}

// named are the fields that tell calls of one method apart.
var named = [...]protoreflect.Name{"schedule_id", "deployment_version", "deployment_name"}

// operation says what a call is about, and remembers the schedules. It leaves the request's body to be read.
func (w *World) operation(r *http.Request) string {
	body, err := io.ReadAll(r.Body)
	r.Body = io.NopCloser(bytes.NewReader(body))
	if err != nil {
		return ""
	}
	request, err := decode(r.URL.Path, body)
	if err != nil {
		return ""
	}
	for _, name := range named {
		field := request.Descriptor().Fields().ByName(name)
		if field == nil || !request.Has(field) {
			continue
		}
		text := request.Get(field).String()
		if name == "schedule_id" {
			w.note(text)
		}
		return text
	}
	return ""
}

var errNotUnary = errors.New("the body is not one message")

// frameHeader is a byte that says whether the message is compressed, and its length.
const frameHeader = 5

// decode reads the one message of a unary call.
func decode(method string, body []byte) (protoreflect.Message, error) {
	service, name := path.Split(strings.TrimPrefix(method, "/"))
	found, err := protoregistry.GlobalFiles.FindDescriptorByName(protoreflect.FullName(strings.TrimSuffix(service, "/")).Append(protoreflect.Name(name)))
	if err != nil {
		return nil, err
	}
	described, ok := found.(protoreflect.MethodDescriptor)
	if !ok || len(body) < frameHeader || uint32(len(body)-frameHeader) != binary.BigEndian.Uint32(body[1:frameHeader]) {
		return nil, errNotUnary
	}
	text := body[frameHeader:]
	if body[0] == 1 {
		unzipped, err := gzip.NewReader(bytes.NewReader(text))
		if err != nil {
			return nil, err
		}
		if text, err = io.ReadAll(unzipped); err != nil {
			return nil, err
		}
	}
	message := dynamicpb.NewMessage(described.Input())
	return message, proto.Unmarshal(text, message)
}

// note remembers a schedule that may be there from now on.
func (w *World) note(id string) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.ids[id] = true
}

// known are the schedules that may be there, sorted.
func (w *World) known() []string {
	w.mu.Lock()
	defer w.mu.Unlock()
	return slices.Sorted(maps.Keys(w.ids))
}
