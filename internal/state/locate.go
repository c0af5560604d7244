package state

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"strconv"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/credentials"

	"github.com/app-sre/qontract-temporal/internal/apierr"
	"github.com/app-sre/qontract-temporal/internal/secret"
	"github.com/app-sre/qontract-temporal/internal/secret/awskey"
)

// EnvURL is the environment variable with the URL of the bucket. All other variables are the reference's.
const EnvURL = "APP_INTERFACE_STATE_URL"

const (
	envBucket        = "APP_INTERFACE_STATE_BUCKET"
	envRegion        = "APP_INTERFACE_STATE_BUCKET_REGION"
	envAccount       = "APP_INTERFACE_STATE_BUCKET_ACCOUNT"
	envKeyID         = "APP_INTERFACE_STATE_BUCKET_ACCESS_KEY_ID"
	envSecretKey     = "APP_INTERFACE_STATE_BUCKET_SECRET_ACCESS_KEY"
	envSecret        = "APP_INTERFACE_STATE_VAULT_SECRET"
	envSecretVersion = "APP_INTERFACE_STATE_VAULT_SECRET_VERSION"
	envProfile       = "APP_INTERFACE_STATE_AWS_PROFILE"
	envConfigFile    = "AWS_CONFIG_FILE"
)

// place says where state is kept.
type place struct {
	// says is what names the place, for messages.
	says string
	// server is what Options.At says, and url leads to the bucket; the other fields are empty where one of them is set.
	server         S3
	url            string
	bucket, region string
	profile        string
	// credentials are nil where the profile has them.
	credentials aws.CredentialsProvider
}

// locate finds where state is kept: where Options.At says, and without it the first of these that is complete:
//
//   - APP_INTERFACE_STATE_URL
//   - bucket, region and AWS profile in the environment, where there is an AWS configuration file
//   - bucket, region and secret in the environment
//   - bucket, region and static credentials in the environment
//   - bucket and AWS account in the environment; the account's automationToken in app-interface
//   - the state of the first app-interface-settings datafile
//
// Differs from the reference: APP_INTERFACE_STATE_URL, which is for machines without S3.
func locate(ctx context.Context, o Options) (place, error) {
	if o.At != nil {
		server, err := o.At()
		return place{says: "the program", server: server}, err
	}
	env := o.Getenv
	bucket, region := env(envBucket), env(envRegion)
	complete := bucket != "" && region != ""
	switch {
	case env(EnvURL) != "":
		return place{says: EnvURL, url: env(EnvURL)}, nil
	case complete && env(envProfile) != "" && hasConfigFile(env):
		return place{says: envProfile, bucket: bucket, region: region, profile: env(envProfile)}, nil
	case complete && env(envSecret) != "":
		return o.fromSecret(bucket, region)
	case complete && env(envKeyID) != "" && env(envSecretKey) != "":
		fixed := credentials.NewStaticCredentialsProvider(env(envKeyID), env(envSecretKey), "")
		return place{says: envKeyID, bucket: bucket, region: region, credentials: fixed}, nil
	case bucket != "" && env(envAccount) != "":
		return o.fromAccount(ctx, bucket, region)
	}
	return o.fromSettings(ctx)
}

// hasConfigFile says whether there is a file that profiles can be in.
func hasConfigFile(env func(string) string) bool {
	path := env(envConfigFile)
	if path == "" {
		path = filepath.Join(env("HOME"), ".aws", "config")
	}
	found, err := os.Stat(path)
	return err == nil && found.Mode().IsRegular()
}

func (o Options) fromSecret(bucket, region string) (place, error) {
	ref := secret.Ref{Path: o.Getenv(envSecret)}
	if text := o.Getenv(envSecretVersion); text != "" {
		version, err := strconv.Atoi(text)
		if err != nil {
			return place{}, apierr.Errorf(apierr.Invalid, "%s is %q: set it to the number of a version, or to nothing for the latest", envSecretVersion, text)
		}
		ref.Version = &version
	}
	_, secrets, err := o.AppInterface()
	if err != nil {
		return place{}, fmt.Errorf("read the secret that %s names: %w", envSecret, err)
	}
	return place{says: envSecret, bucket: bucket, region: region, credentials: awskey.Provider{Secrets: secrets, Ref: ref}}, nil
}

func (o Options) fromAccount(ctx context.Context, bucket, region string) (place, error) {
	name := o.Getenv(envAccount)
	app, secrets, err := o.AppInterface()
	if err != nil {
		return place{}, fmt.Errorf("look up the AWS account %s that %s names: %w", name, envAccount, err)
	}
	found, err := stateAccount(ctx, app, name)
	if err != nil {
		return place{}, fmt.Errorf("look up the AWS account %s that %s names: %w", name, envAccount, err)
	}
	if len(found.Accounts) == 0 {
		return place{}, apierr.Errorf(apierr.Invalid, "app-interface has no AWS account %s: correct %s", name, envAccount)
	}
	account := found.Accounts[0]
	if region == "" {
		region = account.ResourcesDefaultRegion
	}
	return place{says: envAccount, bucket: bucket, region: region, credentials: awskey.Provider{Secrets: secrets, Ref: account.AutomationToken}}, nil
}

// s3Settings are the settings of the provider s3.
type s3Settings interface {
	GetBucket() string
	GetRegion() string
	GetCredentials() secret.Ref
}

func (o Options) fromSettings(ctx context.Context) (place, error) {
	const says = "app-interface-settings"
	app, secrets, err := o.AppInterface()
	if err != nil {
		return place{}, fmt.Errorf("state is configured in no environment variable, and app-interface cannot be asked: %w", err)
	}
	found, err := stateSettings(ctx, app)
	if err != nil {
		return place{}, fmt.Errorf("look up where state is kept: %w", err)
	}
	if len(found.Settings) == 0 || found.Settings[0].State == nil {
		return place{}, apierr.Errorf(apierr.Invalid, "it is not configured where state is kept: add state to the app-interface-settings datafile; or set %s with %s and credentials (%s, %s, or %s and %s); or %s and %s; or %s",
			envBucket, envRegion, envProfile, envSecret, envKeyID, envSecretKey, envBucket, envAccount, EnvURL)
	}
	s3, ok := found.Settings[0].State.(s3Settings)
	if !ok {
		return place{}, apierr.Errorf(apierr.Invalid, "%s: state has the unknown provider %s: use s3", says, found.Settings[0].State.GetProvider())
	}
	return place{says: says, bucket: s3.GetBucket(), region: s3.GetRegion(), credentials: awskey.Provider{Secrets: secrets, Ref: s3.GetCredentials()}}, nil
}
