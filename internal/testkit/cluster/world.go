package cluster

import (
	"bytes"
	"strings"
)

// world is the prefix of a virtual cluster's names on the real server, with its dash.
type world string

// in is a name as the real server has it. The empty name stays empty.
func (w world) in(name string) string {
	if name == "" {
		return ""
	}
	return string(w) + name
}

// owns says whether a name of the real server belongs to the world.
func (w world) owns(name string) bool { return strings.HasPrefix(name, string(w)) }

// strip removes the prefix wherever it stands: in names, in references and in messages. The token is made to be unique.
func (w world) strip(text []byte) []byte {
	return bytes.ReplaceAll(bytes.ReplaceAll(text, []byte(w), nil), []byte(colon), []byte(":"))
}

// colon stands for a colon in names of OpenShift's identities, which a custom resource's name cannot hold.
const colon = ".colon."

// identity is an identity's name on the real server.
func (w world) identity(name string) string { return w.in(strings.ReplaceAll(name, ":", colon)) }

// role is a ClusterRole's name on the real server: the built-in ones are shared by all worlds.
func (w world) role(name string) string {
	if builtinRole(name) {
		return name
	}
	return w.in(name)
}

const (
	accountUser   = "system:serviceaccount:"
	accountsGroup = "system:serviceaccounts:"
)

// user is the name of a user or group on the real server: those of service accounts hold a namespace.
func (w world) user(name string) string {
	for _, prefix := range []string{accountUser, accountsGroup} {
		if namespace, ok := strings.CutPrefix(name, prefix); ok {
			return prefix + w.in(namespace)
		}
	}
	return name
}

// builtinRole recognises the ClusterRoles that every API server makes by itself.
func builtinRole(name string) bool {
	switch name {
	case "cluster-admin", "admin", "edit", "view":
		return true
	}
	return strings.HasPrefix(name, "system:")
}
