package ocm

import (
	"fmt"
	"net/http"
)

// tokenLasts is for how many seconds the single sign-on's access tokens are valid.
const tokenLasts = 900

// logIn is the client credentials grant, with the answers of Keycloak. An access token begins with the client's secret, so
// that who looks for the one finds the other, and is the same until all have expired.
func (s *Server) logIn(w http.ResponseWriter, r *http.Request) {
	fail := func(status int, code, description string) {
		response{status, object{"error": code, "error_description": description}}.write(w, r)
	}
	if err := r.ParseForm(); err != nil || r.PostForm.Get("grant_type") != "client_credentials" {
		fail(http.StatusBadRequest, "unsupported_grant_type", "Unsupported grant_type")
		return
	}
	id := r.PostForm.Get("client_id")
	account := s.estate.Clients[id]
	if account == nil || account.Secret != r.PostForm.Get("client_secret") {
		fail(http.StatusUnauthorized, "unauthorized_client", "Invalid client or Invalid client credentials")
		return
	}
	token := fmt.Sprintf("%s.%d", account.Secret, s.expired)
	s.tokens[token] = id
	response{http.StatusOK, object{
		"access_token": token, "expires_in": tokenLasts, "refresh_expires_in": 0, "token_type": "Bearer", "not-before-policy": 0, "scope": "openid",
	}}.write(w, r)
}
