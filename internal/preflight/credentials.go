package preflight

import (
	"context"
	"crypto/sha1"
	"encoding/hex"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/config"
	"github.com/go-json-experiment/json"

	"cfdoctor/internal/report"
)

const signIn = `run "aws configure" or "aws sso login", name a --profile, or read a recording with --from FILE`

// credentials looks where the AWS SDK looks, in its order (SDKREF/standardized-credentials). Nothing is asked: an instance's role is only known to
// the instance metadata service, so on Amazon EC2 it stays unknown.
func (o Options) credentials() report.Dependency {
	d := report.Dependency{Name: "AWS credentials", NeededFor: "reading the account", HowToGet: signIn}
	switch {
	case o.From != "":
		d.NeededFor = "reading an account; this diagnosis reads the recording " + o.From
	case o.Kind == "mcp":
		d.NeededFor = "running fixes; the MCP server reads the account with its own"
	default:
		d.Required = true
	}
	d.State, d.Detail = o.lookForCredentials()
	return d
}

func (o Options) lookForCredentials() (state, detail string) {
	if o.Profile == "" {
		switch {
		case o.Env("AWS_ACCESS_KEY_ID") != "" && o.Env("AWS_SECRET_ACCESS_KEY") != "":
			return Present, "an access key in the environment"
		case o.Env("AWS_WEB_IDENTITY_TOKEN_FILE") != "" && o.Env("AWS_ROLE_ARN") != "":
			return o.webIdentity(o.Env("AWS_WEB_IDENTITY_TOKEN_FILE"))
		}
	}
	if state, detail := o.profile(); state != "" {
		return state, detail
	}
	if o.Env("AWS_CONTAINER_CREDENTIALS_RELATIVE_URI") != "" || o.Env("AWS_CONTAINER_CREDENTIALS_FULL_URI") != "" {
		return Present, "the container's role"
	}
	return o.instanceRole()
}

func (o Options) webIdentity(token string) (state, detail string) {
	if !exists(token) {
		return Missing, "the web identity token file " + token + " is not there"
	}
	return Present, "a web identity token in " + token
}

// profile looks into the shared files, by the SDK's own reader, which reads files and does nothing else. An empty state says that they hold nothing.
func (o Options) profile() (state, detail string) {
	name, named := o.Profile, true
	if name == "" {
		name = o.Env("AWS_PROFILE")
	}
	if name == "" {
		name, named = "default", false
	}
	shared, err := config.LoadSharedConfigProfile(context.Background(), name, func(l *config.LoadSharedConfigOptions) {
		l.ConfigFiles = []string{o.sharedFile("AWS_CONFIG_FILE", "config")}
		l.CredentialsFiles = []string{o.sharedFile("AWS_SHARED_CREDENTIALS_FILE", "credentials")}
	})
	if errors.As(err, new(config.SharedConfigProfileNotExistError)) {
		if named {
			return Missing, fmt.Sprintf("no profile %q in AWS's shared files", name)
		}
		return "", ""
	}
	if err != nil {
		return Missing, fmt.Sprintf("profile %q cannot be used: %s", name, firstLine(err.Error()))
	}
	return o.of(shared, "profile "+name)
}

// of tells how a profile gets its credentials.
func (o Options) of(shared config.SharedConfig, name string) (state, detail string) {
	switch {
	case shared.SSOSession != nil:
		return o.signedIn(shared.SSOSession.Name, name, shared.Profile)
	case shared.SSOStartURL != "":
		return o.signedIn(shared.SSOStartURL, name, shared.Profile)
	case shared.RoleARN != "" && shared.WebIdentityTokenFile != "":
		return o.webIdentity(shared.WebIdentityTokenFile)
	case shared.RoleARN != "" && shared.Source != nil && shared.Source.Profile != shared.Profile:
		return o.of(*shared.Source, name+", which assumes a role from profile "+shared.Source.Profile)
	case shared.RoleARN != "" && shared.CredentialSource != "":
		return Present, name + ", which assumes a role from " + shared.CredentialSource
	case shared.CredentialProcess != "":
		return Present, name + ", whose credential_process was not run"
	case shared.Credentials.HasKeys():
		return Present, "an access key of " + name
	case shared.LoginSession != "":
		return Present, name + ", signed in with aws login"
	}
	return "", ""
}

// signedIn looks at the token that "aws sso login" leaves behind, in a file named after the session's SHA-1 (SDKREF/understanding-sso).
func (o Options) signedIn(session, name, profile string) (state, detail string) {
	sum := sha1.Sum([]byte(session))
	text, err := os.ReadFile(o.home(".aws", "sso", "cache", hex.EncodeToString(sum[:])+".json"))
	login := `: run "aws sso login --profile ` + profile + `"`
	if err != nil {
		return Missing, name + " is not signed in to IAM Identity Center" + login
	}
	var token struct {
		ExpiresAt    string `json:"expiresAt"`
		RefreshToken string `json:"refreshToken"`
	}
	if json.Unmarshal(text, &token) != nil {
		return Unknown, name + " has a sign-in to IAM Identity Center that cannot be read"
	}
	ends, err := time.Parse(time.RFC3339, token.ExpiresAt)
	switch {
	case err != nil:
		return Unknown, name + " has a sign-in to IAM Identity Center of unknown age"
	case ends.After(o.Now):
		return Present, name + ", signed in to IAM Identity Center"
	case token.RefreshToken != "":
		return Unknown, name + ", whose sign-in to IAM Identity Center has to be renewed, which the SDK tries by itself"
	}
	return Missing, "the sign-in of " + name + " to IAM Identity Center ended at " + ends.UTC().Format(time.RFC3339) + login
}

// instanceRole cannot be seen by looking. What can be seen is whether this machine is an instance at all (EC2UG/identify_ec2_instances).
func (o Options) instanceRole() (state, detail string) {
	const none = "none in the environment, in AWS's shared files or from a container"
	if strings.EqualFold(o.Env("AWS_EC2_METADATA_DISABLED"), "true") {
		return Missing, none + "; the instance metadata service is switched off"
	}
	if o.Env("AWS_EC2_METADATA_SERVICE_ENDPOINT") != "" {
		return Unknown, none + "; the instance metadata service may have some"
	}
	seen := false
	for _, file := range []string{"sys/class/dmi/id/sys_vendor", "sys/class/dmi/id/board_vendor", "sys/hypervisor/uuid"} {
		text, err := os.ReadFile(filepath.Join(o.Root, file))
		if err != nil {
			continue
		}
		seen = true
		value := strings.ToLower(strings.TrimSpace(string(text)))
		if strings.HasPrefix(value, "amazon") || strings.HasPrefix(value, "ec2") {
			return Unknown, none + "; this is an EC2 instance, whose role only the metadata service knows"
		}
	}
	if seen {
		return Missing, none + ", and this machine is no EC2 instance"
	}
	return Unknown, none + "; whether this machine has a role cannot be seen"
}

func (o Options) sharedFile(variable, name string) string {
	if path := o.Env(variable); path != "" {
		return path
	}
	return o.home(".aws", name)
}

func firstLine(s string) string {
	line, _, _ := strings.Cut(s, "\n")
	return line
}
