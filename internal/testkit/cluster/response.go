package cluster

import (
	"bytes"
	"encoding/base64"
	"io"
	"mime"
	"net/http"
	"regexp"
	"strconv"
	"strings"

	"github.com/tidwall/gjson"
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
	if text, err = backdated(c.world.strip(c.stripTokens(text))); err != nil {
		return err
	}
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
	// A list has the objects of all worlds: it is looked through, and not decoded.
	list := gjson.ParseBytes(text)
	var own []string
	list.Get("items").ForEach(func(_, item gjson.Result) bool {
		name := item.Get("metadata.namespace").Str
		if name == "" {
			name = item.Get("metadata.name").Str
		}
		if c.world.owns(name) {
			own = append(own, item.Raw)
		}
		return true
	})
	var fields []string
	list.ForEach(func(key, value gjson.Result) bool {
		switch key.Str {
		case "items":
			value.Raw = "[" + strings.Join(own, ",") + "]"
		case "metadata":
			// It would count other worlds' objects.
			value.Raw = remainingItemCount.ReplaceAllString(value.Raw, "")
		}
		fields = append(fields, key.Raw+":"+value.Raw)
		return true
	})
	return []byte("{" + strings.Join(fields, ",") + "}"), nil
}

// remainingItemCount is the last field of a list's metadata.
var remainingItemCount = regexp.MustCompile(`,?"remainingItemCount":\d+`)

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
