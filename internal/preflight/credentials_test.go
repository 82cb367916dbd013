package preflight

import (
	"crypto/sha1"
	"encoding/hex"
	"strings"
	"testing"
)

func TestCredentials(t *testing.T) {
	const sso = "[profile work]\nsso_session = corp\nsso_account_id = 111122223333\nsso_role_name = Reader\nregion = eu-central-1\n" +
		"[sso-session corp]\nsso_start_url = https://example.awsapps.com/start\nsso_region = eu-central-1\n"
	sum := sha1.Sum([]byte("corp"))
	token := "home/.aws/sso/cache/" + hex.EncodeToString(sum[:]) + ".json"
	cases := []struct {
		name    string
		env     map[string]string
		files   map[string]string
		profile string
		state   string
		detail  string // part of it
	}{
		{name: "nothing", state: Missing, detail: "no EC2 instance"},
		{name: "a key", env: map[string]string{"AWS_ACCESS_KEY_ID": "AKIDEXAMPLE", "AWS_SECRET_ACCESS_KEY": "x"}, state: Present, detail: "environment"},
		{name: "half a key", env: map[string]string{"AWS_ACCESS_KEY_ID": "AKIDEXAMPLE"}, state: Missing},
		{name: "the shared file", files: map[string]string{"home/.aws/credentials": "[default]\naws_access_key_id = A\naws_secret_access_key = B\n"}, state: Present, detail: "profile default"},
		{name: "a Region alone", files: map[string]string{"home/.aws/config": "[default]\nregion = us-east-1\n"}, state: Missing},
		{name: "a profile that is not there", profile: "prod", files: map[string]string{"home/.aws/credentials": "[default]\naws_access_key_id = A\naws_secret_access_key = B\n"},
			state: Missing, detail: `no profile "prod"`},
		{name: "a profile of the environment", env: map[string]string{"AWS_PROFILE": "prod"}, files: map[string]string{"home/.aws/credentials": "[prod]\naws_access_key_id = A\naws_secret_access_key = B\n"},
			state: Present, detail: "profile prod"},
		{name: "a named profile wins over a key", profile: "prod", env: map[string]string{"AWS_ACCESS_KEY_ID": "A", "AWS_SECRET_ACCESS_KEY": "B"}, state: Missing, detail: "prod"},
		{name: "files elsewhere", env: map[string]string{"AWS_SHARED_CREDENTIALS_FILE": "DIR/elsewhere"}, files: map[string]string{"elsewhere": "[default]\naws_access_key_id = A\naws_secret_access_key = B\n"}, state: Present},
		{name: "a process, which is not run", files: map[string]string{"home/.aws/config": "[default]\ncredential_process = touch DIR/ran\n"}, state: Present, detail: "not run"},
		{name: "a role from a profile", profile: "admin", files: map[string]string{"home/.aws/config": "[profile base]\naws_access_key_id = A\naws_secret_access_key = B\n[profile admin]\nrole_arn = arn:aws:iam::111122223333:role/x\nsource_profile = base\n"},
			state: Present, detail: "assumes a role from profile base"},
		{name: "a role from a profile that is not there", profile: "admin", files: map[string]string{"home/.aws/config": "[profile admin]\nrole_arn = arn:aws:iam::111122223333:role/x\nsource_profile = base\n"},
			state: Missing, detail: "admin"},
		{name: "not signed in", profile: "work", files: map[string]string{"home/.aws/config": sso}, state: Missing, detail: "aws sso login --profile work"},
		{name: "signed in", profile: "work", files: map[string]string{"home/.aws/config": sso, token: `{"expiresAt":"2026-11-21T18:00:00Z","accessToken":"x"}`}, state: Present, detail: "signed in"},
		{name: "a sign-in that has ended", profile: "work", files: map[string]string{"home/.aws/config": sso, token: `{"expiresAt":"2026-11-20T18:00:00Z","accessToken":"x"}`}, state: Missing, detail: "ended at 2026-11-20T18:00:00Z"},
		{name: "a sign-in to be renewed", profile: "work", files: map[string]string{"home/.aws/config": sso, token: `{"expiresAt":"2026-11-20T18:00:00Z","refreshToken":"x"}`}, state: Unknown, detail: "renewed"},
		{name: "a sign-in that cannot be read", profile: "work", files: map[string]string{"home/.aws/config": sso, token: `{`}, state: Unknown},
		{name: "a container", env: map[string]string{"AWS_CONTAINER_CREDENTIALS_RELATIVE_URI": "/v2/x"}, state: Present, detail: "container"},
		{name: "a web identity", env: map[string]string{"AWS_WEB_IDENTITY_TOKEN_FILE": "DIR/token", "AWS_ROLE_ARN": "arn:aws:iam::111122223333:role/x"}, files: map[string]string{"token": "x"}, state: Present},
		{name: "a web identity without its token", env: map[string]string{"AWS_WEB_IDENTITY_TOKEN_FILE": "DIR/token", "AWS_ROLE_ARN": "arn:aws:iam::111122223333:role/x"}, state: Missing},
		{name: "an EC2 instance", files: map[string]string{"sys/class/dmi/id/sys_vendor": "Amazon EC2\n"}, state: Unknown, detail: "EC2 instance"},
		{name: "an EC2 instance without metadata", env: map[string]string{"AWS_EC2_METADATA_DISABLED": "true"}, files: map[string]string{"sys/class/dmi/id/sys_vendor": "Amazon EC2\n"}, state: Missing},
		{name: "a metadata service of its own", env: map[string]string{"AWS_EC2_METADATA_SERVICE_ENDPOINT": "http://127.0.0.1:1338"}, state: Unknown},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			m := newMachine(t)
			for name, value := range c.env {
				m.variables[name] = strings.ReplaceAll(value, "DIR", m.dir)
			}
			for name, text := range c.files {
				m.write(name, strings.ReplaceAll(text, "DIR", m.dir))
			}
			d := dependency(t, m.look(Options{Profile: c.profile}), "AWS credentials")
			if d.State != c.state || !strings.Contains(d.Detail, c.detail) {
				t.Errorf("%s: %s, want %s: …%s…", d.State, d.Detail, c.state, c.detail)
			}
			if !d.Required {
				t.Error("the AWS SDK's door does without credentials")
			}
		})
	}
}
