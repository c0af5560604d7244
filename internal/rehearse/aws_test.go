package rehearse

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

func TestADumpOfAWSIsTheSameWhateverTheTime(t *testing.T) {
	const estate = `accounts:
  "111111111111":
    email: payer@example.com
    name: payer
    queues:
      us-east-1:
        requests:
          messages:
          - body: hello
            id: m-1
            WAIT_MESSAGE
    quotaRequests:
      q-1:
        WAIT
        quota: L-1
        region: us-east-1
        service: ec2
        status: PENDING
        value: 9
    regions:
      ap-east-1:
        WAIT
        status: ENABLING
    users:
      bot:
        keys:
          qt-planted-id:
            WAIT
            secret: qt-planted-secret
organizations:
  o-1:
    management: "111111111111"
    requests:
      car-1:
        WAIT
        email: new@example.com
        name: new
        role: access
        state: IN_PROGRESS
    root: r-1
`
	said := func(wait, message string) string {
		return strings.NewReplacer("WAIT_MESSAGE", message, "WAIT", wait).Replace(estate)
	}
	stage := &Stage{aws: &awsPlace{}}
	waits := said("pending: {calls: 3, until: 2026-11-23T08:00:00Z}", "received: 2\n            hiddenUntil: 2026-11-23T08:00:00Z")
	at, err := startAWS(t.Context(), stage, "all", []byte(waits))
	require.NoError(t, err)
	dump, err := at.Dump(t.Context())
	require.NoError(t, err)
	require.YAMLEq(t, said("", ""), string(dump))

	endpoint, err := stage.aws.endpoint()
	require.NoError(t, err)
	require.Equal(t, at.URL(), endpoint)
	require.NoError(t, at.Close())
	_, err = stage.aws.endpoint()
	require.ErrorContains(t, err, "the case has no AWS", "nothing is left behind for the next world")
}
