package cli

import (
	"bytes"
	"context"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/go-json-experiment/json/jsontext"

	"cfdoctor/internal/causes"
	"cfdoctor/internal/collect"
	"cfdoctor/internal/doctor"
	"cfdoctor/internal/edge"
	"cfdoctor/internal/evidence"
	"cfdoctor/internal/observed"
	"cfdoctor/internal/probe"
	"cfdoctor/internal/report"
	"cfdoctor/internal/request"
	"cfdoctor/internal/source"
	"cfdoctor/internal/source/bundle"
	"cfdoctor/internal/standin"
	"cfdoctor/internal/worldtest"
)

// anAccount passes a recording off as an account, so that probes are made.
type anAccount struct{ *bundle.Bundle }

func (anAccount) About() source.About { return source.About{Kind: "sdk", Account: "311204478596"} }

// toStandin leads probes of the usual ports to a stand-in, and answers DNS: nothing leaves this computer.
type toStandin struct {
	*probe.Door
	edge *standin.Edge
}

func (d toStandin) Do(ctx context.Context, call evidence.Call) (jsontext.Value, error) {
	if call.Operation == observed.OperationDNS {
		return jsontext.Value(`{"Resolver":"test","Rcode":"NOERROR","Chain":["d111111abcdef8.cloudfront.net"],"Addresses":["192.0.2.1"]}`), nil
	}
	params := maps.Clone(call.Params)
	switch params["Port"] {
	case 443:
		params["Port"] = d.edge.Port
	case 80:
		params["Port"] = d.edge.PlainPort
	}
	call.Params = params
	return d.Door.Do(ctx, call)
}

// diagnoseLive diagnoses a world's distribution with the stand-in in CloudFront's place.
func diagnoseLive(t *testing.T, world, path string, code int) (*doctor.Case, []string) {
	t.Helper()
	w, err := worldtest.Load(world)
	if err != nil {
		t.Fatal(err)
	}
	recording, err := bundle.Parse(bytes.NewReader(w.Bundle()), world, bundle.MaxSize)
	if err != nil {
		t.Fatal(err)
	}
	e, err := standin.New(standin.Options{Names: []string{"www.example.com", "*.example.com", "*.cloudfront.net"}})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(e.Close)
	file := filepath.Join(t.TempDir(), "authority.pem")
	if err := os.WriteFile(file, e.Authority, 0o600); err != nil {
		t.Fatal(err)
	}
	var resolve []probe.Override
	for _, port := range []int{e.Port, e.PlainPort} {
		o, err := probe.ParseResolve("*:" + strconv.Itoa(port) + ":127.0.0.1")
		if err != nil {
			t.Fatal(err)
		}
		resolve = append(resolve, o)
	}
	door, err := probe.New(probe.Options{Resolve: resolve, CAFiles: []string{file}})
	if err != nil {
		t.Fatal(err)
	}
	var contacts []string
	d := &doctor.Doctor{Catalogue: causes.All(), Version: "test", Observer: doctor.Observer{
		Contact: func(_ *edge.Model, words []string) { contacts = append(contacts, words...) },
	}}
	target, err := collect.ParseTarget(w.Target)
	if err != nil {
		t.Fatal(err)
	}
	c, err := d.Diagnose(context.Background(), probe.Beside(anAccount{recording}, toStandin{door, e}), recording.CapturedAt, doctor.Question{
		Target: target, Request: request.New("", path), PathGiven: true, Code: code, Proactive: true, Active: true,
	})
	if err != nil {
		t.Fatal(err)
	}
	return c, contacts
}

func TestActiveValidationShowsPredictedAndSeen(t *testing.T) {
	c, contacts := diagnoseLive(t, "s3-oac", "/s3-AccessDenied", 0)
	o := c.Report.Observed
	if o == nil || o.Edge == nil || o.Edge.Status != 403 || o.Edge.AnsweredBy != "s3" || o.Edge.Error != "AccessDenied" {
		t.Fatalf("seen: %+v", o)
	}
	if o.Agrees == nil || *o.Agrees == (o.Predicted != 403) {
		t.Errorf("predicted %d, seen %d, agrees %v", o.Predicted, o.Edge.Status, o.Agrees)
	}
	if c.Report.Symptom.ErrorCode != 403 {
		t.Errorf("the error that was seen is not what is explained: %+v", c.Report.Symptom)
	}
	if len(contacts) == 0 || !slices.ContainsFunc(contacts, func(s string) bool { return strings.Contains(s, "/s3-AccessDenied") }) {
		t.Errorf("announced %q", contacts)
	}
}

// A diagnosis with probes is recorded whole: replayed without any network, it says the same.
func TestActiveValidationReplays(t *testing.T) {
	for _, path := range []string{"/s3-AccessDenied", "/waf-block", "/loop/a", "/spa-masked", "/"} {
		t.Run(path, func(t *testing.T) {
			c, _ := diagnoseLive(t, "s3-oac", path, 0)
			var recorded bytes.Buffer
			if _, err := bundle.Write(&recorded, bundle.Recording{CapturedAt: c.World.Now, Account: c.World.Account, Records: c.World.Records()}); err != nil {
				t.Fatal(err)
			}
			again, err := bundle.Parse(&recorded, "again", bundle.MaxSize)
			if err != nil {
				t.Fatal(err)
			}
			if again.Probes == 0 {
				t.Fatal("the recording holds no probes")
			}
			target, _ := collect.ParseTarget(c.Model.ID())
			d := &doctor.Doctor{Catalogue: causes.All(), Version: "test"}
			replay, err := d.Diagnose(context.Background(), again, again.CapturedAt, doctor.Question{
				Target: target, Request: request.New("", path), PathGiven: true, Proactive: true,
			})
			if err != nil {
				t.Fatal(err)
			}
			live, second := summary(c.Report), summary(replay.Report)
			if live != second {
				t.Errorf("live:   %s\nreplay: %s", live, second)
			}
		})
	}
}

// summary is what a diagnosis says, in a line.
func summary(r *report.Report) string {
	out := r.Verdict + " | " + strings.Join(r.Observed.Comparison, " ")
	for _, f := range r.Findings {
		out += " | " + f.Cause + " " + f.Likelihood
	}
	return out
}

func TestSeenWAFOverturnsOtherSuspects(t *testing.T) {
	c, _ := diagnoseLive(t, "server", "/waf-block", 403)
	for _, f := range c.Report.Findings {
		if f.ExplainsSymptom && f.Likelihood != "confirmed" && strings.HasPrefix(f.Stage, "origin-access") {
			t.Errorf("%s is still suspected after AWS WAF was seen to block", f.Cause)
		}
	}
	if !strings.Contains(strings.Join(c.Report.Observed.Comparison, " "), "AWS WAF") {
		t.Errorf("said %q", c.Report.Observed.Comparison)
	}
}
