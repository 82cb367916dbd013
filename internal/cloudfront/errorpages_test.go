package cloudfront

import (
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/cloudfront/types"
)

func errorRule(code int32, page, response string, ttl *int64) types.CustomErrorResponse {
	r := types.CustomErrorResponse{ErrorCode: aws.Int32(code), ErrorCachingMinTTL: ttl}
	if page != "" {
		r.ResponsePagePath = aws.String(page)
	}
	if response != "" {
		r.ResponseCode = aws.String(response)
	}
	return r
}

func TestFindErrorRule(t *testing.T) {
	rules := []types.CustomErrorResponse{
		errorRule(403, "/index.html", "200", nil), errorRule(404, "/404.html", "404", aws.Int64(60)), errorRule(500, "", "", aws.Int64(0)),
	}
	spa, ok := FindErrorRule(rules, 403)
	if !ok || spa != (ErrorRule{403, 10, "/index.html", 200}) || !spa.Masks() || !spa.Replaces() {
		t.Errorf("403: %+v", spa)
	}
	if r, _ := FindErrorRule(rules, 404); r.MinTTL != 60 || r.Masks() || !r.Replaces() {
		t.Errorf("404: %+v", r)
	}
	if r, _ := FindErrorRule(rules, 500); r.MinTTL != 0 || r.Replaces() || r.ResponseCode != 500 {
		t.Errorf("500: %+v", r)
	}
	if r, ok := FindErrorRule(rules, 502); ok {
		t.Errorf("502: %+v", r)
	}
}

func TestValidateErrorRule(t *testing.T) {
	for _, ok := range []types.CustomErrorResponse{
		errorRule(403, "/index.html", "200", nil), errorRule(416, "", "", aws.Int64(1)), errorRule(502, "/e", "503", nil),
	} {
		if err := ValidateErrorRule(ok); err != nil {
			t.Errorf("%v", err)
		}
	}
	for _, bad := range []types.CustomErrorResponse{
		errorRule(412, "/x", "200", nil), errorRule(404, "x", "200", nil), errorRule(404, "/x", "", nil),
		errorRule(404, "", "200", nil), errorRule(404, "/x", "302", nil), errorRule(404, "/x", "abc", nil), {},
	} {
		if ValidateErrorRule(bad) == nil {
			t.Errorf("%+v is accepted", bad)
		}
	}
}

func TestLongestWait(t *testing.T) {
	connecting, reading := LongestWait("GET", 0, 0, 0)
	if connecting != 30*time.Second || reading != 90*time.Second {
		t.Errorf("defaults: %v, %v", connecting, reading)
	}
	connecting, reading = LongestWait("POST", 1, 2*time.Second, 20*time.Second)
	if connecting != 2*time.Second || reading != 20*time.Second {
		t.Errorf("POST: %v, %v", connecting, reading)
	}
}

func TestAllowedOriginPort(t *testing.T) {
	for port, want := range map[int]bool{80: true, 443: true, 1024: true, 65535: true, 22: false, 1023: false, 65536: false, 0: false} {
		if AllowedOriginPort(port) != want {
			t.Errorf("port %d", port)
		}
	}
}

// Every metric names how to read it, no two are the same, and every recommended alarm is on one of them.
func TestMetricsAreComplete(t *testing.T) {
	seen := map[string]Metric{}
	for _, group := range [][]Metric{DistributionMetrics(), FunctionMetrics(), BalancerMetrics()} {
		for _, m := range group {
			if m.Namespace == "" || m.Name == "" || m.Statistic == "" || m.Unit == "" || len(m.Dimensions) == 0 {
				t.Errorf("incomplete: %+v", m)
			}
			if (m.Namespace == NamespaceCloudFront) != (m.Region == MetricsRegion) {
				t.Errorf("%s: region %q", m.Name, m.Region)
			}
			if _, dup := seen[m.Name]; dup {
				t.Errorf("%s twice", m.Name)
			}
			seen[m.Name] = m
		}
	}
	for _, a := range RecommendedAlarms() {
		if m, ok := seen[a.Metric]; !ok || m.Statistic != a.Statistic || a.Datapoints > a.Evaluate {
			t.Errorf("alarm %+v", a)
		}
	}
}
