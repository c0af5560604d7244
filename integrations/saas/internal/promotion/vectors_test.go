package promotion_test

import (
	"encoding/json"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/app-sre/qontract-temporal/integrations/saas/internal/promotion"
	"github.com/app-sre/qontract-temporal/integrations/saas/internal/saasfile"
	"github.com/app-sre/qontract-temporal/internal/vectors"
)

type input struct {
	Kind          string                     `json:"kind"`
	Now           time.Time                  `json:"now"`
	Commit        string                     `json:"commit"`
	Repository    string                     `json:"repo_url"`
	Subscribe     []subscription             `json:"subscribe"`
	SoakDays      int                        `json:"soak_days"`
	PromotionData []promotionData            `json:"promotion_data"`
	Component     component                  `json:"code_component"`
	State         map[string]json.RawMessage `json:"state"`

	Publish          []string `json:"publish"`
	TargetUID        string   `json:"target_uid"`
	SaasFile         string   `json:"saas_file"`
	TargetConfigHash string   `json:"target_config_hash"`
	Success          bool     `json:"success"`

	Ref        string       `json:"ref"`
	Channels   []channel    `json:"channels"`
	Schedule   string       `json:"schedule"`
	Blocked    []string     `json:"blocked_versions"`
	WithHashes bool         `json:"use_target_config_hash"`
	Hashes     []configHash `json:"current_config_hashes"`
}

type subscription struct {
	Channel    string   `json:"channel"`
	Publishers []string `json:"publisher_uids"`
}

type promotionData struct {
	Channel *string `json:"channel"`
	Data    []struct {
		Type             string  `json:"type"`
		ParentSaas       *string `json:"parent_saas"`
		TargetConfigHash *string `json:"target_config_hash"`
	} `json:"data"`
}

type component struct {
	URL     string   `json:"url"`
	Blocked []string `json:"blockedVersions"`
	Hotfix  []string `json:"hotfixVersions"`
}

type channel struct {
	Name       string `json:"name"`
	Publishers []struct {
		UID        string          `json:"uid"`
		Commit     string          `json:"commit"`
		Deployment json.RawMessage `json:"deployment"`
	} `json:"publishers"`
}

type configHash struct {
	Channel          string `json:"channel"`
	TargetConfigHash string `json:"target_config_hash"`
	ParentSaas       string `json:"parent_saas"`
}

func TestVectors(t *testing.T) {
	checks := map[string]func(require.TestingT, input) (any, error){"gate": gate, "publish": publish, "auto-promotion": auto}
	seen := map[string]bool{}
	const found = "what stands in the state is found: the reference looks for it in a list that is empty"
	vectors.Each(t, "saas-promotion-gate", map[string]string{
		"pg-pub-ok-after-ok":             found,
		"pg-pub-ok-two-channels":         found,
		"pg-pub-fail-after-ok":           found,
		"pg-pub-fail-after-fail-once-ok": found,
		"pg-pub-fail-two-channels":       found,
	}, func(t require.TestingT, v vectors.Vector) {
		var given input
		require.NoError(t, json.Unmarshal(v.Input, &given))
		require.Contains(t, checks, given.Kind)
		seen[given.Kind] = true
		got, err := checks[given.Kind](t, given)
		if v.Fails() {
			require.Error(t, err)
			return
		}
		require.NoError(t, err)
		text, err := json.Marshal(got)
		require.NoError(t, err)
		require.JSONEq(t, string(v.Output), string(text))
	})
	require.Len(t, seen, len(checks))
}

func gate(_ require.TestingT, given input) (any, error) {
	var app saasfile.App
	app.CodeComponents = []saasfile.CodeComponent{{Url: given.Component.URL, BlockedVersions: given.Component.Blocked, HotfixVersions: given.Component.Hotfix}}
	target := saasfile.Target{Promotion: &saasfile.Promotion{SoakDays: &given.SoakDays}}
	channels := map[string]promotion.Channel{}
	for _, one := range given.Subscribe {
		target.Promotion.Subscribe = append(target.Promotion.Subscribe, one.Channel)
		channels[one.Channel] = promotion.Channel{Name: one.Channel, Publishers: one.Publishers}
	}
	for _, entry := range given.PromotionData {
		data := saasfile.PromotionData{Channel: entry.Channel}
		for _, one := range entry.Data {
			if one.Type == "parent_saas_config" {
				data.Data = append(data.Data, &saasfile.ParentSaas{Type: one.Type, ParentSaas: one.ParentSaas, TargetConfigHash: one.TargetConfigHash})
			}
		}
		target.Promotion.PromotionData = append(target.Promotion.PromotionData, data)
	}
	candidate, err := promotion.NewCandidate(&saasfile.File{App: app}, &saasfile.Template{Url: given.Repository}, &target, given.Commit, channels)
	if candidate == nil {
		return map[string]any{"allowed": true}, err
	}
	verdict, err := promotion.Check(*candidate, given.Now, func(channel, publisher string) (*promotion.Data, error) {
		return promotion.Decode(given.State[promotion.Key(channel, publisher, given.Commit)])
	})
	if err != nil {
		return nil, err
	}
	if verdict.Open() {
		return map[string]any{"allowed": true}, nil
	}
	return map[string]any{"allowed": false, "reason": verdict.Reason}, nil
}

func publish(_ require.TestingT, given input) (any, error) {
	made := promotion.Publication{
		Commit: given.Commit, SaasFile: given.SaasFile, TargetConfigHash: given.TargetConfigHash, Publisher: given.TargetUID, Success: given.Success,
	}
	writes := []any{}
	for _, channel := range given.Publish {
		before, err := promotion.Decode(given.State[made.Key(channel)])
		if err != nil {
			return nil, err
		}
		writes = append(writes, []any{made.Key(channel), made.Next(before, given.Now)})
	}
	return map[string]any{"writes": writes}, nil
}

func auto(t require.TestingT, given input) (any, error) {
	subscriber := promotion.Subscriber{Ref: given.Ref, SoakDays: given.SoakDays, Schedule: given.Schedule, Blocked: given.Blocked, WithHashes: given.WithHashes}
	for _, hash := range given.Hashes {
		subscriber.Hashes = append(subscriber.Hashes, promotion.ConfigHash{Channel: hash.Channel, ParentSaas: hash.ParentSaas, TargetConfigHash: hash.TargetConfigHash})
	}
	for _, one := range given.Channels {
		subscribed := promotion.Subscription{Name: one.Name}
		for _, publisher := range one.Publishers {
			data, err := promotion.Decode(publisher.Deployment)
			require.NoError(t, err)
			done, err := promotion.DeploymentOf(data)
			if err != nil {
				return nil, err
			}
			subscribed.Publishers = append(subscribed.Publishers, promotion.Publisher{UID: publisher.UID, Commit: publisher.Commit, Deployment: done})
		}
		subscriber.Channels = append(subscriber.Channels, subscribed)
	}
	desired := subscriber.Desired(given.Now)
	hashes := []configHash{}
	for _, hash := range desired.Hashes {
		hashes = append(hashes, configHash{Channel: hash.Channel, TargetConfigHash: hash.TargetConfigHash, ParentSaas: hash.ParentSaas})
	}
	return map[string]any{"desired_ref": desired.Ref, "desired_hashes": hashes, "has_diff": subscriber.Changes(desired)}, nil
}
