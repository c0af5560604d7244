package cluster

import (
	"bytes"
	"encoding/base64"
	"encoding/json"
	"io"
	"mime"
	"net/http"
	"regexp"
	"strconv"
)

// rewriteResponse takes the world's prefix out of an answer, and what is not the world's out of a list.
func (c *Cluster) rewriteResponse(resp *http.Response) error {
	for i, warning := range resp.Header["Warning"] {
		resp.Header["Warning"][i] = string(c.world.strip([]byte(warning)))
	}
	if form, _, err := mime.ParseMediaType(resp.Header.Get("Content-Type")); err != nil || form != "application/json" {
		return nil
	}
	text, err := io.ReadAll(resp.Body)
	if err != nil {
		return err
	}
	if err := resp.Body.Close(); err != nil {
		return err
	}
	if resp.StatusCode == http.StatusOK && resp.Request.Method == http.MethodGet {
		if text, err = c.filter(text, resp.Request); err != nil {
			return err
		}
	}
	text = c.world.strip(c.stripTokens(text))
	resp.Body = io.NopCloser(bytes.NewReader(text))
	resp.ContentLength = int64(len(text))
	resp.Header.Set("Content-Length", strconv.Itoa(len(text)))
	return nil
}

// filter takes hidden kinds out of a discovery document and foreign objects out of a list.
func (c *Cluster) filter(text []byte, r *http.Request) ([]byte, error) {
	t, ok := r.Context().Value(addressed{}).(target)
	switch {
	case !ok:
		return c.filterDiscovery(text, r.URL.Path)
	case t.namespacedByURL || t.name != "" || t.shared():
		return text, nil
	}
	var list map[string]json.RawMessage
	if err := json.Unmarshal(text, &list); err != nil {
		return nil, err
	}
	var found []json.RawMessage
	if err := json.Unmarshal(list["items"], &found); err != nil {
		return nil, err
	}
	own := []json.RawMessage{}
	for _, item := range found {
		var object struct {
			Metadata struct{ Name, Namespace string }
		}
		if err := json.Unmarshal(item, &object); err != nil {
			return nil, err
		}
		name := object.Metadata.Namespace
		if name == "" {
			name = object.Metadata.Name
		}
		if c.world.owns(name) {
			own = append(own, item)
		}
	}
	var metadata map[string]json.RawMessage
	if err := json.Unmarshal(list["metadata"], &metadata); err != nil {
		return nil, err
	}
	// It would count other worlds' objects.
	delete(metadata, "remainingItemCount")
	var err error
	if list["items"], err = json.Marshal(own); err != nil {
		return nil, err
	}
	if list["metadata"], err = json.Marshal(metadata); err != nil {
		return nil, err
	}
	return json.Marshal(list)
}

// tokenNamespace finds the namespace that the token controller writes, encoded, into a service account token's Secret.
var tokenNamespace = regexp.MustCompile(`"namespace":"([A-Za-z0-9+/]+=*)"`)

func (c *Cluster) stripTokens(text []byte) []byte {
	if !bytes.Contains(text, []byte("kubernetes.io/service-account-token")) {
		return text
	}
	return tokenNamespace.ReplaceAllFunc(text, func(match []byte) []byte {
		encoded := tokenNamespace.FindSubmatch(match)[1]
		namespace, err := base64.StdEncoding.DecodeString(string(encoded))
		if err != nil || !c.world.owns(string(namespace)) {
			return match
		}
		stripped := base64.StdEncoding.EncodeToString(c.world.strip(namespace))
		return bytes.Replace(match, encoded, []byte(stripped), 1)
	})
}
