package kubeapi_test

import (
	"bytes"
	"crypto/tls"
	"encoding/json"
	"io"
	"net/http"
	"os"
	"strings"

	"github.com/stretchr/testify/require"

	"github.com/app-sre/qontract-temporal/internal/clients/kubeapi"
)

// raw writes a core object as somebody else would: by "POST", "PUT" or with a query, "POST?fieldManager=oc".
func (w *world) raw(how string, o kubeapi.Object, body map[string]any) {
	w.t.Helper()
	method, query, _ := strings.Cut(how, "?")
	path := os.Getenv("QT_TEST_KUBE_URL") + "/api/v1/namespaces/" + o.Namespace + "/" + strings.ToLower(o.Kind) + "s"
	if method == http.MethodPut {
		path += "/" + o.Name
	}
	data, err := json.Marshal(body)
	require.NoError(w.t, err)
	req, err := http.NewRequestWithContext(w.read, method, path+"?"+query, bytes.NewReader(data))
	require.NoError(w.t, err)
	req.Header.Set("Authorization", "Bearer "+os.Getenv("QT_TEST_KUBE_TOKEN"))
	req.Header.Set("Content-Type", "application/json")
	client := &http.Client{Transport: &http.Transport{TLSClientConfig: &tls.Config{InsecureSkipVerify: true}}}
	resp, err := client.Do(req)
	require.NoError(w.t, err)
	defer func() { require.NoError(w.t, resp.Body.Close()) }()
	answer, err := io.ReadAll(resp.Body)
	require.NoError(w.t, err)
	require.Less(w.t, resp.StatusCode, 300, "%s", answer)
}
