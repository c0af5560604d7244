package appinterface

import "github.com/app-sre/qontract-temporal/internal/secret"

// OCMEnvironment is an OpenShift Cluster Manager and the service account for it, as the shared fragment OCMEnvironment
// selects it.
type OCMEnvironment struct {
	Name                    string     `json:"name"`
	URL                     string     `json:"url"`
	AccessTokenClientID     string     `json:"accessTokenClientId"`
	AccessTokenURL          string     `json:"accessTokenUrl"`
	AccessTokenClientSecret secret.Ref `json:"accessTokenClientSecret"`
}
