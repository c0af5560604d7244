package terraforminit

import (
	"context"
	"encoding/json"
	"testing"
	"time"

	"github.com/Khan/genqlient/graphql"
	"github.com/stretchr/testify/require"

	"github.com/app-sre/qontract-temporal/internal/apierr"
	"github.com/app-sre/qontract-temporal/internal/appinterface"
	"github.com/app-sre/qontract-temporal/internal/clients/awsapi"
	"github.com/app-sre/qontract-temporal/internal/mergerequest"
	"github.com/app-sre/qontract-temporal/internal/plan"
	"github.com/app-sre/qontract-temporal/internal/reconcile"
)

// estate answers as app-interface with one account, and as AWS with one bucket or none.
type estate struct {
	template string
	bucket   *awsapi.Bucket
	// asked is how often somebody wanted to open a merge request, or to look for one.
	asked int
}

func (e *estate) MakeRequest(_ context.Context, _ *graphql.Request, to *graphql.Response) error {
	return json.Unmarshal([]byte(`{"accounts": [{"name": "account-1", "terraformUsername": "terraform", "resourcesDefaultRegion": "us-east-1"}]}`), to.Data)
}

func (e *estate) Resource(_ context.Context, path string) (appinterface.Resource, error) {
	return appinterface.Resource{Path: path, Content: e.template}, nil
}

func (e *estate) FindBucket(context.Context, string) (awsapi.Bucket, error) {
	if e.bucket == nil {
		return awsapi.Bucket{}, apierr.Errorf(apierr.Missing, "no such bucket")
	}
	return *e.bucket, nil
}

func (e *estate) CreateBucket(context.Context, string) error { return nil }

func (e *estate) RepositoryInputs(context.Context) error { return nil }

func (e *estate) AppInterfaceRepository(context.Context, mergerequest.Allow) (*mergerequest.Direct, error) {
	e.asked++
	return nil, apierr.Errorf(apierr.Unavailable, "no GitLab here")
}

// steps are those of the integration in the estate, at the time of the reference's own test.
func (e *estate) steps(t *testing.T, toggles ...string) (*reconciler, reconcile.Scope) {
	t.Helper()
	args, err := Definition().Args(nil)
	require.NoError(t, err)
	return &reconciler{
		at:       func(reconcile.Scope) appInterface { return e },
		connect:  func(context.Context, awsapi.Access) (buckets, error) { return e, nil },
		requests: func(reconcile.Scope) requests { return e },
		enabled: func(_ context.Context, toggle string, fallback bool) bool {
			require.False(t, fallback)
			return len(toggles) > 0 && toggles[0] == toggle
		},
		now: func() time.Time { return time.Date(2024, 9, 30, 20, 15, 0, 0, time.UTC) },
	}, reconcile.Scope{Integration: Name, Name: "account-1", Args: args}
}

func TestTheCollectionIsRenderedOnceWithTheTime(t *testing.T) {
	e := &estate{template: "\n# test access variables\n{{ account_name }}\n{{ bucket_name }}\n{{ region }}\n    {{ timestamp }}\n"}
	r, scope := e.steps(t)
	parts, err := r.Desired(t.Context(), scope)
	require.NoError(t, err)
	require.Equal(t, []Part{
		{Account: "account-1", Bucket: "terraform-account-1", Region: "us-east-1"},
		{
			Account: "account-1", Path: "data/templating/collections/terraform-init/account-1.yml",
			Content: "\n# test access variables\naccount-1\nterraform-account-1\nus-east-1\n    1727727300\n",
		},
	}, parts)

	r.now = func() time.Time { return time.Unix(1, 0) }
	later, err := r.Desired(t.Context(), scope)
	require.NoError(t, err)
	require.NotEqual(t, parts[1].Content, later[1].Content)
	changes, problems := plan.Diff(later, parts)
	require.Empty(t, problems)
	require.Empty(t, changes, "another time is no change")
}

func TestAToggleLetsRequestsGoInByThemselves(t *testing.T) {
	for toggle, labels := range map[string][]string{"": {}, "terraform-init-allow-auto-merge-mrs": {"bot/automerge"}} {
		r, scope := (&estate{}).steps(t, toggle)
		parts, err := r.Desired(t.Context(), scope)
		require.NoError(t, err)
		require.Equal(t, labels, request(parts[1]).Labels)
	}
}

func TestTheRequestIsTheReferences(t *testing.T) {
	made := request(Part{Account: "account-name", Path: "data/x.yml"})
	require.Equal(t, "[auto] Terraform State settings for AWS account account-name", made.Title)
	require.Equal(t, "terraform-init", made.Kind.Label)
	data, err := made.Kind.Parse("This MR is for people.\n\n**DO NOT MANUALLY CHANGE ANYTHING BELOW THIS LINE**\n\n* tf_init_version: 1.0.0\n* account: account-name\n")
	require.NoError(t, err)
	require.Equal(t, made.Data, data)
}

func TestNobodyIsAskedToMergeABucketThatIsNotThere(t *testing.T) {
	want := Part{Account: "account-1", Path: "data/x.yml", Content: "x"}
	for name, tc := range map[string]struct {
		bucket *awsapi.Bucket
		kind   apierr.Kind
		says   string
		asked  int
	}{
		"it was not made":                {nil, apierr.Missing, "bucket terraform-account-1 is not there", 0},
		"it is another account's":        {&awsapi.Bucket{Foreign: true}, apierr.Invalid, "belongs to another AWS account", 0},
		"it is in another region":        {&awsapi.Bucket{Region: "eu-west-1"}, apierr.Invalid, "is in eu-west-1 and not in its resourcesDefaultRegion us-east-1", 0},
		"it is there, and GitLab is not": {&awsapi.Bucket{Region: "us-east-1"}, apierr.Unavailable, "no GitLab here", 1},
	} {
		t.Run(name, func(t *testing.T) {
			e := &estate{bucket: tc.bucket}
			r, scope := e.steps(t)
			err := r.Apply(t.Context(), scope, plan.Change[Part]{Head: plan.Head{Action: plan.Create}, Desired: &want})
			require.True(t, apierr.Is(err, tc.kind), "%v", err)
			require.ErrorContains(t, err, tc.says)
			require.Equal(t, tc.asked, e.asked)
		})
	}
}

func TestAnAccountThatIsPreparedMeanwhileIsLeftAlone(t *testing.T) {
	r, scope := (&estate{}).steps(t)
	scope.Name = "account-2"
	_, err := r.Desired(t.Context(), scope)
	require.ErrorContains(t, err, "no AWS account account-2 with a terraformUsername and without terraformState")
}
