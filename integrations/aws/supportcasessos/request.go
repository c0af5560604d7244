package supportcasessos

import (
	"fmt"
	"strings"

	"github.com/app-sre/qontract-temporal/internal/mergerequest"
)

// requestType is the reference's, which the reader of the queue knows.
const requestType = "create_delete_aws_access_key_mr"

// request has the title, the label, the files and the message of the reference's.
func request(key ExposedKey) mergerequest.Request {
	what := fmt.Sprintf("delete %s access key %s", key.Account, key.ID)
	title := fmt.Sprintf("[%s] %s", requestType, what)
	name := key.Account + "-" + key.ID
	return mergerequest.Request{
		Type: requestType, Title: title, Description: what, Labels: []string{mergerequest.AutoMerge},
		Files: []mergerequest.FileChange{
			mergerequest.EditFile(key.Path, func(current []byte) ([]byte, error) { return addKey(key.Path, current, key.ID) }),
			mergerequest.CreateFile("data/app-interface/emails/"+name+".yml", []byte(email(key, name, title))),
		},
		Arguments: []mergerequest.Argument{{Name: "account", Value: key.Account}, {Name: "path", Value: key.Path}, {Name: "key", Value: key.ID}},
	}
}

// email is the datafile with which email-sender tells the account's owners, byte for byte as the reference writes it.
func email(key ExposedKey, name, title string) string {
	return `---
$schema: "/app-interface/app-interface-email-1.yml"
labels: {}
name: "` + name + `"
subject: "` + title + `"
to:
  aws_accounts:
  - $ref: "` + strings.TrimPrefix(key.Path, "data") + `"
body: |
  Hello,

  This is an automated notification.

  An AWS access key leak was detected and is being mitigated.

  Information:
  Account: ` + key.Account + `
  Access key: ` + key.ID + `

  Please consult relevant SOPs to verify that the account is secure.

`
}
