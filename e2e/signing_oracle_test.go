package e2e

import (
	"bytes"
	"crypto"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/rsa"
	"crypto/x509"
	"encoding/base64"
	"encoding/json"
	"encoding/pem"
	"fmt"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"
)

// The site of examples/healthy-site.json, whose clock stands still, with a key group on its default behavior.
const (
	signedSite   = "https://www.fernhill.example"
	signedPage   = signedSite + "/about.html"
	viewerInside = "192.0.2.7"
)

var siteClock = time.Date(2026, 11, 20, 10, 0, 0, 0, time.UTC)

// signingKey is a key pair whose public half the site knows.
type signingKey struct {
	id, file, private, public string
	trusted                   bool // in the key group of the behavior
}

// newSigningKeys makes an RSA and an ECDSA key in the group, an RSA key outside, and a second RSA key in the group. Private keys are in the
// form that the aws program reads, PKCS #1.
func newSigningKeys(t *testing.T) map[string]signingKey {
	t.Helper()
	out := map[string]signingKey{}
	add := func(name, id string, trusted bool, key crypto.Signer, block *pem.Block) {
		der, err := x509.MarshalPKIXPublicKey(key.Public())
		if err != nil {
			t.Fatal(err)
		}
		k := signingKey{id: id, trusted: trusted, file: filepath.Join(t.TempDir(), name+".pem"), private: string(pem.EncodeToMemory(block))}
		k.public = string(pem.EncodeToMemory(&pem.Block{Type: "PUBLIC KEY", Bytes: der}))
		if err := os.WriteFile(k.file, []byte(k.private), 0o600); err != nil {
			t.Fatal(err)
		}
		out[name] = k
	}
	for _, k := range []struct {
		name, id string
		trusted  bool
	}{{"rsa", "K1RSAEXAMPLE", true}, {"other", "K2RSAEXAMPLE", true}, {"outside", "K3RSAEXAMPLE", false}} {
		key, err := rsa.GenerateKey(rand.Reader, 2048)
		if err != nil {
			t.Fatal(err)
		}
		add(k.name, k.id, k.trusted, key, &pem.Block{Type: "RSA PRIVATE KEY", Bytes: x509.MarshalPKCS1PrivateKey(key)})
	}
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	der, err := x509.MarshalECPrivateKey(key)
	if err != nil {
		t.Fatal(err)
	}
	add("ecdsa", "K4ECDSAEXAMPLE", true, key, &pem.Block{Type: "EC PRIVATE KEY", Bytes: der})
	return out
}

// signedBundle is the healthy site with the keys, in a file.
func signedBundle(t *testing.T, keys map[string]signingKey) string {
	t.Helper()
	text, err := os.ReadFile("../examples/healthy-site.json")
	if err != nil {
		t.Fatal(err)
	}
	text = bytes.ReplaceAll(text, []byte(`"TrustedKeyGroups":{"Enabled":false,"Quantity":0}`),
		[]byte(`"TrustedKeyGroups":{"Enabled":true,"Quantity":1,"Items":["G1EXAMPLE"]}`))
	var bundle map[string]any
	if err := json.Unmarshal(text, &bundle); err != nil {
		t.Fatal(err)
	}
	record := func(operation, id string, output map[string]any) {
		bundle["calls"] = append(bundle["calls"].([]any),
			map[string]any{"service": "cloudfront", "operation": operation, "params": map[string]any{"Id": id}, "output": output})
	}
	var members []string
	for _, k := range keys {
		if k.trusted {
			members = append(members, k.id)
		}
		config := map[string]any{"CallerReference": k.id, "Name": k.id, "EncodedKey": k.public}
		record("GetPublicKey", k.id, map[string]any{"PublicKey": map[string]any{"Id": k.id, "CreatedTime": "2026-01-01T00:00:00Z", "PublicKeyConfig": config}})
	}
	config := map[string]any{"Name": "viewers", "Items": members}
	record("GetKeyGroup", "G1EXAMPLE", map[string]any{"KeyGroup": map[string]any{"Id": "G1EXAMPLE", "LastModifiedTime": "2026-01-01T00:00:00Z", "KeyGroupConfig": config}})
	out, err := json.Marshal(bundle)
	if err != nil {
		t.Fatal(err)
	}
	file := filepath.Join(t.TempDir(), "signed.json")
	if err := os.WriteFile(file, out, 0o600); err != nil {
		t.Fatal(err)
	}
	return file
}

// signedStep is what `cfdoctor simulate` says of one request's signature.
type signedStep struct {
	Stage, Verdict, Summary string
	Status                  int
}

func simulateSigned(t *testing.T, bundle, address string, args ...string) signedStep {
	t.Helper()
	args = append([]string{"simulate", address, "--from", bundle, "-o", "json", "--viewer-ip", viewerInside}, args...)
	out, err := exec.Command("../bin/cfdoctor", args...).Output()
	if err != nil {
		t.Fatalf("cfdoctor %q: %v\n%s", args, err, out)
	}
	var report struct {
		Trace struct{ Steps []signedStep }
	}
	if err := json.Unmarshal(out, &report); err != nil {
		t.Fatal(err)
	}
	for _, s := range report.Trace.Steps {
		if s.Stage == "signed-access" {
			return s
		}
	}
	t.Fatalf("no step signed-access: %s", out)
	return signedStep{}
}

// awsSign signs with the aws program; extra are its options for a custom policy.
func awsSign(t *testing.T, k signingKey, page string, expires time.Time, extra ...string) string {
	t.Helper()
	python(t)
	args := append([]string{"cloudfront", "sign", "--url", page, "--key-pair-id", k.id, "--private-key", "file://" + k.file,
		"--date-less-than", strconv.FormatInt(expires.Unix(), 10)}, extra...)
	cmd := exec.Command(filepath.Join(".venv", "bin", "aws"), args...)
	cmd.Stderr = os.Stderr
	out, err := cmd.Output()
	if err != nil {
		t.Fatal(err)
	}
	return strings.TrimSpace(string(out))
}

// botocoreJob is what endpoint/sign.py signs.
type botocoreJob struct {
	URL     string `json:"url"`
	KeyID   string `json:"key_id"`
	PEM     string `json:"pem"`
	Hash    string `json:"hash"`
	Expires int64  `json:"expires"`
	Policy  string `json:"policy,omitempty"`
	Cookies bool   `json:"cookies,omitempty"`
}

func botocoreSign(t *testing.T, job botocoreJob) string {
	t.Helper()
	in, err := json.Marshal(job)
	if err != nil {
		t.Fatal(err)
	}
	cmd := exec.Command(python(t), filepath.Join("endpoint", "sign.py"))
	cmd.Stdin, cmd.Stderr = bytes.NewReader(in), os.Stderr
	out, err := cmd.Output()
	if err != nil {
		t.Fatal(err)
	}
	return strings.TrimSpace(string(out))
}

func customPolicy(resource string, ends time.Time) string {
	return fmt.Sprintf(`{"Statement":[{"Resource":"%s","Condition":{"DateLessThan":{"AWS:EpochTime":%d},"IpAddress":{"AWS:SourceIp":"192.0.2.0/24"}}}]}`, resource, ends.Unix())
}

// TestSignersPass: what AWS's own programs sign is valid to cfdoctor, with canned and custom policies, RSA and ECDSA, SHA-1 and SHA-256, in
// URLs and in cookies.
func TestSignersPass(t *testing.T) {
	python(t)
	setCredentials(t)
	keys := newSigningKeys(t)
	bundle := signedBundle(t, keys)
	later := siteClock.Add(time.Hour)
	start := strconv.FormatInt(siteClock.Add(-time.Hour).Unix(), 10)
	addresses := map[string]string{
		"aws canned":                    awsSign(t, keys["rsa"], signedPage, later),
		"aws canned with a query":       awsSign(t, keys["rsa"], signedPage+"?a=1&b=%20x", later),
		"aws custom with address":       awsSign(t, keys["rsa"], signedPage, later, "--ip-address", "192.0.2.0/24"),
		"aws custom with start":         awsSign(t, keys["other"], signedSite+"/*", later, "--date-greater-than", start),
		"aws custom with a wildcard":    strings.Replace(awsSign(t, keys["rsa"], signedSite+"/*", later, "--ip-address", viewerInside), "/*?", "/about.html?", 1),
		"aws canned, one second before": awsSign(t, keys["rsa"], signedPage, siteClock.Add(time.Second)),
	}
	for _, algorithm := range []string{"SHA1", "SHA256"} {
		for _, name := range []string{"rsa", "ecdsa"} {
			k := keys[name]
			job := botocoreJob{URL: signedPage, KeyID: k.id, PEM: k.private, Hash: algorithm, Expires: later.Unix()}
			addresses["botocore canned "+name+" "+algorithm] = botocoreSign(t, job)
			job.Policy = customPolicy(signedSite+"/about.*", later)
			addresses["botocore custom "+name+" "+algorithm] = botocoreSign(t, job)
			job.Cookies = true
			addresses["botocore custom cookies "+name+" "+algorithm] = botocoreSign(t, job)
			job.Policy = ""
			addresses["botocore canned cookies "+name+" "+algorithm] = botocoreSign(t, job)
		}
	}
	for name, signed := range addresses {
		t.Run(name, func(t *testing.T) {
			address, args := signed, []string(nil)
			if strings.HasPrefix(signed, "CloudFront-") {
				address, args = signedPage, []string{"--cookie", signed}
			}
			if s := simulateSigned(t, bundle, address, args...); s.Verdict != "pass" || s.Summary != "The signature is valid" {
				t.Errorf("%+v for %s", s, signed)
			}
		})
	}
}

// TestSignedMutationsFail: each change to what AWS's programs signed is refused for the reason that it is.
func TestSignedMutationsFail(t *testing.T) {
	python(t)
	setCredentials(t)
	keys := newSigningKeys(t)
	bundle := signedBundle(t, keys)
	later, rsaKey := siteClock.Add(time.Hour), keys["rsa"]
	canned := awsSign(t, rsaKey, signedPage+"?a=1", later)
	custom := awsSign(t, rsaKey, signedPage, later, "--ip-address", "192.0.2.0/24")
	future := strconv.FormatInt(siteClock.Add(time.Minute).Unix(), 10)
	for _, c := range []struct{ name, address, says string }{
		{"expired", awsSign(t, rsaKey, signedPage, siteClock), "it was valid until 2026-11-20T10:00:00Z"},
		{"not yet valid", awsSign(t, rsaKey, signedPage, later, "--date-greater-than", future), "it is valid only after 2026-11-20T10:01:00Z"},
		{"another address", awsSign(t, rsaKey, signedPage, later, "--ip-address", "198.51.100.0/24"), "the viewer is not in the policy's address range"},
		{"path changed", strings.Replace(canned, "/about.html", "/index.html", 1), "not that of key \"" + rsaKey.id + "\" over this URL and expiry"},
		{"path changed, custom", strings.Replace(custom, "/about.html", "/index.html", 1), "the path is not the policy's"},
		{"query changed", strings.Replace(canned, "a=1", "a=2", 1), "not that of key \"" + rsaKey.id + "\" over this URL and expiry"},
		{"query added", canned + "&b=2", "the query differs"},
		{"expiry changed", strings.Replace(canned, fmt.Sprint(later.Unix()), fmt.Sprint(later.Unix()+1), 1), "not that of key"},
		{"scheme changed", strings.Replace(awsSign(t, rsaKey, "http://www.fernhill.example/about.html", later), "http://", "https://", 1), "the protocol differs"},
		{"bit of the signature flipped", flipSignature(t, custom), "not that of key \"" + rsaKey.id + "\" over this policy"},
		{"id of another trusted key", strings.Replace(custom, rsaKey.id, keys["other"].id, 1), "not that of key \"" + keys["other"].id + "\""},
		{"unknown key id", strings.Replace(custom, rsaKey.id, "K9UNKNOWN", 1), `key "K9UNKNOWN" is in no key group`},
		{"key outside the group", awsSign(t, keys["outside"], signedPage, later), "key \"" + keys["outside"].id + "\" is in no key group"},
		{"policy tampered with", tamperPolicy(t, custom), "not that of key \"" + rsaKey.id + "\" over this policy"},
		{"no signature", without(t, custom, "Signature"), "lacks Signature"},
		{"no key id", without(t, custom, "Key-Pair-Id"), "lacks Key-Pair-Id"},
		{"no policy", without(t, custom, "Policy"), "lacks"},
		{"no expiry", without(t, canned, "Expires"), "lacks"},
		{"nothing", signedPage, "neither signing parameters"},
		{"SHA-256 not said", strings.Replace(botocoreSign(t, botocoreJob{URL: signedPage, KeyID: keys["ecdsa"].id, PEM: keys["ecdsa"].private, Hash: "SHA256", Expires: later.Unix()}),
			"&Hash-Algorithm=SHA256", "", 1), "not that of key"},
	} {
		t.Run(c.name, func(t *testing.T) {
			s := simulateSigned(t, bundle, c.address)
			if s.Verdict != "stop" || s.Status != 403 || !strings.Contains(s.Summary, c.says) {
				t.Errorf("%+v, want 403 that says %q", s, c.says)
			}
		})
	}
}

// flipSignature flips the last bit of the first byte.
func flipSignature(t *testing.T, signed string) string {
	return editParameter(t, signed, "Signature", func(b []byte) []byte { b[0] ^= 1; return b })
}

func tamperPolicy(t *testing.T, signed string) string {
	return editParameter(t, signed, "Policy", func(b []byte) []byte { return bytes.Replace(b, []byte("192.0.2.0/24"), []byte("0.0.0.0/0"), 1) })
}

// editParameter changes a parameter that CloudFront encodes: base64 with - _ ~ in place of + = /.
func editParameter(t *testing.T, signed, name string, edit func([]byte) []byte) string {
	t.Helper()
	u, err := url.Parse(signed)
	if err != nil {
		t.Fatal(err)
	}
	old := u.Query().Get(name)
	data, err := base64.StdEncoding.DecodeString(strings.NewReplacer("-", "+", "_", "=", "~", "/").Replace(old))
	if err != nil {
		t.Fatal(err)
	}
	text := base64.StdEncoding.EncodeToString(edit(data))
	return strings.Replace(signed, old, strings.NewReplacer("+", "-", "=", "_", "/", "~").Replace(text), 1)
}

func without(t *testing.T, signed, name string) string {
	t.Helper()
	page, query, _ := strings.Cut(signed, "?")
	var kept []string
	for pair := range strings.SplitSeq(query, "&") {
		if !strings.HasPrefix(pair, name+"=") {
			kept = append(kept, pair)
		}
	}
	return page + "?" + strings.Join(kept, "&")
}
