package awsapi_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/app-sre/qontract-temporal/internal/apierr"
	"github.com/app-sre/qontract-temporal/internal/clients/awsapi"
	"github.com/app-sre/qontract-temporal/internal/standin/aws"
	"github.com/app-sre/qontract-temporal/internal/testkit/leak"
)

func TestUserWithAKeyThatIsNotKnownAtOnce(t *testing.T) {
	w := start(t)
	w.Edit(func(e *aws.Estate) { e.Lag.Key = aws.Wait{Seconds: 10} })
	client := w.connect(t, inMember())
	require.NoError(t, client.CreateUser(applying(t), "terraform"))
	fails(t, client.CreateUser(applying(t), "terraform"), apierr.Conflict, "create user terraform: IAM CreateUser: User with name terraform already exists. (409 EntityAlreadyExists)")
	for range 2 {
		require.NoError(t, client.AttachUserPolicy(applying(t), "terraform", aws.AdministratorAccess))
	}
	key, err := client.CreateAccessKey(applying(t), "terraform")
	require.NoError(t, err)
	stored := w.member().Users["terraform"]
	require.Equal(t, stored.Keys[key.ID].Secret, key.Secret.Reveal())
	require.NotEmpty(t, leak.Find([]byte(key.Secret.Reveal())), "what the stand-in gives out is planted")
	require.Len(t, key.Secret.Reveal(), 40)
	require.Equal(t, []string{aws.AdministratorAccess}, stored.Policies)

	w.vault.put("creds/new", key.ID, key.Secret.Reveal())
	fresh := w.connect(t, as("new"))
	_, err = fresh.GetCallerIdentity(t.Context())
	fails(t, err, apierr.Denied, "AWS does not accept the credentials", "creds/new")
	require.True(t, awsapi.UnknownKey(err))
	w.clock.advance(10 * time.Second)
	identity, err := fresh.GetCallerIdentity(t.Context())
	require.NoError(t, err)
	require.Equal(t, awsapi.Identity{AccountID: member, ARN: "arn:aws:iam::222222222222:user/terraform"}, identity)
	_, err = fresh.ListRegions(t.Context())
	require.NoError(t, err, "the attached policy counts")
}

func TestAUserHasTwoKeysAtMost(t *testing.T) {
	w := start(t)
	client := w.connect(t, inMember())
	require.NoError(t, client.CreateUser(applying(t), "terraform"))
	var ids []string
	for range 2 {
		key, err := client.CreateAccessKey(applying(t), "terraform")
		require.NoError(t, err)
		ids = append(ids, key.ID)
	}
	_, err := client.CreateAccessKey(applying(t), "terraform")
	fails(t, err, apierr.Invalid, "Cannot exceed quota for AccessKeysPerUser: 2 (409 LimitExceeded)")

	w.editMember(func(a *aws.Account) { a.Users["terraform"].Keys[ids[0]].Disabled = true })
	keys, err := client.ListAccessKeys(t.Context(), "terraform")
	require.NoError(t, err)
	require.ElementsMatch(t, []awsapi.AccessKeyState{{ID: ids[0]}, {ID: ids[1], Active: true}}, keys)
	for range 2 {
		require.NoError(t, client.DeleteAccessKey(applying(t), "terraform", ids[0]))
	}
	require.Len(t, w.member().Users["terraform"].Keys, 1)
	_, err = client.CreateAccessKey(applying(t), "terraform")
	require.NoError(t, err)
}

func TestListUsers(t *testing.T) {
	w := start(t)
	client := w.connect(t, inMember())
	names, err := client.ListUsers(t.Context())
	require.NoError(t, err)
	require.Empty(t, names)
	for _, name := range []string{"one", "two", "three"} {
		require.NoError(t, client.CreateUser(applying(t), name))
	}
	names, err = client.ListUsers(t.Context())
	require.NoError(t, err)
	require.Equal(t, []string{"one", "three", "two"}, names, "all pages")
}

func TestAccountAlias(t *testing.T) {
	w := start(t)
	client := w.connect(t, inMember())
	alias, err := client.GetAccountAlias(t.Context())
	require.NoError(t, err)
	require.Equal(t, "the-team", alias)
	for range 2 {
		require.NoError(t, client.SetAccountAlias(applying(t), "a-better-team"))
		require.Equal(t, "a-better-team", w.member().Alias)
	}
	fails(t, client.SetAccountAlias(applying(t), "the-other"), apierr.Invalid, "set the account's alias to the-other", "choose another")
	fails(t, client.SetAccountAlias(applying(t), "A"), apierr.Invalid, "IAM CreateAccountAlias")
	require.Equal(t, "a-better-team", w.member().Alias)

	none, err := w.connect(t, manages()).GetAccountAlias(t.Context())
	require.NoError(t, err)
	require.Empty(t, none)
}

func TestQuotas(t *testing.T) {
	for _, tc := range []struct {
		name   string
		answer string
		status awsapi.QuotaStatus
		value  float64
	}{
		{"approved", "", awsapi.QuotaApproved, 64},
		{"denied", "DENIED", awsapi.QuotaDenied, 5},
		{"looked at by people", "CASE_OPENED", awsapi.QuotaCaseOpened, 5},
	} {
		t.Run(tc.name, func(t *testing.T) {
			w := start(t)
			w.Edit(func(e *aws.Estate) { e.Lag.Quota = aws.Wait{Calls: 1} })
			w.editMember(func(a *aws.Account) { a.QuotaAnswers = map[string]string{"ec2/L-1": tc.answer} })
			client := w.connect(t, inMember())
			quota, err := client.GetServiceQuota(t.Context(), "ec2", "L-1")
			require.NoError(t, err)
			require.Equal(t, awsapi.Quota{ServiceCode: "ec2", ServiceName: "Amazon EC2", QuotaCode: "L-1", QuotaName: "Instances", Value: 5}, quota)

			asked, err := client.RequestServiceQuotaIncrease(applying(t), "ec2", "L-1", 64)
			require.NoError(t, err)
			require.Equal(t, awsapi.QuotaRequest{ID: asked.ID, ServiceCode: "ec2", QuotaCode: "L-1", Value: 64, Status: awsapi.QuotaPending}, asked)
			_, err = client.RequestServiceQuotaIncrease(applying(t), "ec2", "L-1", 70)
			fails(t, err, apierr.Conflict, "raise quota ec2/L-1 in us-east-1 to 70: Service Quotas RequestServiceQuotaIncrease: Only one open")
			_, err = client.RequestServiceQuotaIncrease(applying(t), "ec2", "L-2", 20)
			require.NoError(t, err, "another quota has its own requests")

			for _, status := range []awsapi.QuotaStatus{awsapi.QuotaPending, tc.status, tc.status} {
				request, err := client.GetQuotaRequest(t.Context(), asked.ID)
				require.NoError(t, err)
				require.Equal(t, status, request.Status)
			}
			quota, err = client.GetServiceQuota(t.Context(), "ec2", "L-1")
			require.NoError(t, err)
			require.InDelta(t, tc.value, quota.Value, 0)
		})
	}
}

func TestQuotasAreThoseOfTheRegion(t *testing.T) {
	w := start(t)
	w.editMember(func(a *aws.Account) {
		a.Quotas = map[string]map[string]float64{"eu-west-1": {"ec2/L-1": 50}}
		a.QuotaRequests = map[string]*aws.QuotaRequest{}
		for _, id := range []string{"a", "b", "c"} {
			a.QuotaRequests[id] = &aws.QuotaRequest{Region: "eu-west-1", Service: "ec2", Quota: "L-1", Value: 50, Status: "CASE_CLOSED"}
		}
	})
	access := inMember()
	access.Region = "eu-west-1"
	client := w.connect(t, access)
	quota, err := client.GetServiceQuota(t.Context(), "ec2", "L-1")
	require.NoError(t, err)
	require.InDelta(t, 50, quota.Value, 0)
	requests, err := client.ListQuotaRequests(t.Context(), "ec2", "L-1")
	require.NoError(t, err)
	require.Len(t, requests, 3, "all pages")
	require.Equal(t, awsapi.QuotaRequest{ID: "c", ServiceCode: "ec2", QuotaCode: "L-1", Value: 50, Status: awsapi.QuotaCaseClosed}, requests[2])

	_, err = client.RequestServiceQuotaIncrease(applying(t), "ec2", "L-1", 50)
	fails(t, err, apierr.Invalid, "IllegalArgumentException")
	elsewhere, err := w.connect(t, inMember()).ListQuotaRequests(t.Context(), "ec2", "L-1")
	require.NoError(t, err)
	require.Empty(t, elsewhere)
}

func TestSupport(t *testing.T) {
	w := start(t)
	client := w.connect(t, manages())
	var ids []string
	for _, subject := range []string{"one", "two", "three"} {
		id, err := client.CreateCase(applying(t), subject, "please")
		require.NoError(t, err)
		ids = append(ids, id)
	}
	require.Equal(t, &aws.Case{Subject: "two", Body: "please", Severity: "high", Status: "unassigned"}, w.Dump().Accounts[payer].Cases[ids[1]])
	found, err := client.DescribeCase(t.Context(), ids[1])
	require.NoError(t, err)
	require.Equal(t, awsapi.Case{ID: ids[1], Subject: "two", Status: "unassigned"}, found)
	require.False(t, found.Resolved())

	w.Edit(func(e *aws.Estate) { e.Accounts[payer].Cases[ids[1]].Status = "resolved" })
	found, err = client.DescribeCase(t.Context(), ids[1])
	require.NoError(t, err)
	require.True(t, found.Resolved(), "a resolved case is found")
	all, err := client.ListCases(t.Context())
	require.NoError(t, err)
	require.Len(t, all, 3, "all pages, with resolved cases")
	require.Empty(t, all[0].Messages)
}

func TestMessagesOfCases(t *testing.T) {
	w := start(t)
	w.Edit(func(e *aws.Estate) {
		e.Accounts[payer].Cases = map[string]*aws.Case{
			"case-1": {Subject: "one", Body: "first", Status: "resolved", Replies: []string{"second", "third", "fourth", "fifth"}},
			"case-2": {Subject: "two", Body: "first", Status: "opened", Replies: []string{"second", "third", "fourth", "fifth", "sixth"}},
			"case-3": {Subject: "three", Body: "alone", Status: "opened"},
		}
	})
	found, err := w.connect(t, manages()).ListCasesWithMessages(t.Context())
	require.NoError(t, err)
	require.Equal(t, []awsapi.Case{
		{ID: "case-1", Subject: "one", Status: "resolved", Messages: []string{"fifth", "fourth", "third", "second", "first"}},
		{ID: "case-2", Subject: "two", Status: "opened", Messages: []string{"sixth", "fifth", "fourth", "third", "second", "first"}},
		{ID: "case-3", Subject: "three", Status: "opened", Messages: []string{"alone"}},
	}, found)
	asked := map[string]int{}
	for _, call := range w.Calls() {
		asked[call.Operation]++
	}
	require.Equal(t, 2, asked["DescribeCases"], "all pages")
	require.Equal(t, 3, asked["DescribeCommunications"], "all pages of the one case with more than five messages")
}

func TestSupportPlans(t *testing.T) {
	for plan, want := range map[string]awsapi.SupportPlan{
		"": awsapi.SupportBasic, "developer": awsapi.SupportBasic, "business": awsapi.SupportBusiness, "enterprise": awsapi.SupportEnterprise,
	} {
		w := start(t)
		w.editMember(func(a *aws.Account) { a.Support = plan })
		got, err := w.connect(t, inMember()).GetSupportPlan(t.Context())
		require.NoError(t, err, plan)
		require.Equal(t, want, got, plan)
	}
}

func TestRegions(t *testing.T) {
	w := start(t)
	w.Edit(func(e *aws.Estate) { e.Lag.Region = aws.Wait{Seconds: 60} })
	w.editMember(func(a *aws.Account) { a.Regions = map[string]*aws.Region{"me-south-1": {Status: "ENABLED"}} })
	client := w.connect(t, inMember())
	status := func() map[string]awsapi.RegionStatus {
		regions, err := client.ListRegions(t.Context())
		require.NoError(t, err)
		found := map[string]awsapi.RegionStatus{}
		for _, region := range regions {
			found[region.Name] = region.Status
		}
		require.Len(t, found, len(regions), "each once")
		return found
	}
	before := status()
	require.Len(t, before, 32, "all pages")
	require.Equal(t, awsapi.RegionAlwaysEnabled, before["us-east-1"])
	require.Equal(t, awsapi.RegionDisabled, before["af-south-1"])
	require.Equal(t, awsapi.RegionEnabled, before["me-south-1"])

	for range 2 {
		require.NoError(t, client.EnableRegion(applying(t), "af-south-1"))
		require.NoError(t, client.DisableRegion(applying(t), "me-south-1"))
	}
	require.Equal(t, "ENABLING", w.member().Regions["af-south-1"].Status)
	begun := status()
	require.Equal(t, awsapi.RegionEnabled, begun["af-south-1"], "what is being enabled counts as enabled")
	require.Equal(t, awsapi.RegionDisabled, begun["me-south-1"])
	fails(t, client.DisableRegion(applying(t), "af-south-1"), apierr.Conflict, "disable region af-south-1")
	fails(t, client.EnableRegion(applying(t), "us-east-1"), apierr.Invalid, "enable region us-east-1: Account EnableRegion")

	w.clock.advance(time.Minute)
	status()
	require.Equal(t, "ENABLED", w.member().Regions["af-south-1"].Status)
	require.Equal(t, "DISABLED", w.member().Regions["me-south-1"].Status)
}

func TestARegionThatIsNotEnabled(t *testing.T) {
	w := start(t)
	access := inMember()
	access.Region = "af-south-1"
	_, err := w.pool.Connect(t.Context(), access)
	fails(t, err, apierr.Denied, "STS AssumeRole")
	require.True(t, awsapi.UnknownKey(err))
}

func TestSecurityContact(t *testing.T) {
	w := start(t)
	client := w.connect(t, inMember())
	_, err := client.GetSecurityContact(t.Context())
	fails(t, err, apierr.Missing, "get the security contact: Account GetAlternateContact")
	contact := awsapi.Contact{Name: "Security", Title: "Team", Email: "security@example.com", Phone: "+1 555"}
	for range 2 {
		require.NoError(t, client.PutSecurityContact(applying(t), contact))
	}
	got, err := client.GetSecurityContact(t.Context())
	require.NoError(t, err)
	require.Equal(t, contact, got)
	require.Equal(t, aws.Contact{Name: "Security", Title: "Team", Email: "security@example.com", Phone: "+1 555"}, w.member().Contacts["SECURITY"])
}

func TestQueue(t *testing.T) {
	const url = "https://sqs.us-east-1.amazonaws.com/111111111111/requests"
	w := start(t)
	client := w.connect(t, manages())
	for _, body := range []string{`{"pr_type": "a"}`, `{"pr_type": "b"}`} {
		require.NoError(t, client.SendMessage(applying(t), url, body))
	}
	messages, err := client.ReceiveMessages(applying(t), url, 30*time.Second)
	require.NoError(t, err)
	require.Len(t, messages, 2)
	require.JSONEq(t, `{"pr_type": "a"}`, messages[0].Body)
	hidden, err := client.ReceiveMessages(applying(t), url, 30*time.Second)
	require.NoError(t, err)
	require.Empty(t, hidden)

	for range 2 {
		require.NoError(t, client.DeleteMessage(applying(t), url, messages[0].Receipt))
	}
	w.clock.advance(30 * time.Second)
	again, err := client.ReceiveMessages(applying(t), url, 30*time.Second)
	require.NoError(t, err)
	require.Len(t, again, 1)
	require.Equal(t, messages[1].Body, again[0].Body)
	require.NotEqual(t, messages[1].Receipt, again[0].Receipt)
	fails(t, client.SendMessage(applying(t), url+"-none", "x"), apierr.Missing, "send a message to "+url+"-none: SQS SendMessage: The specified queue does not exist.")
}
