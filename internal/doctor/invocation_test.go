package doctor

import (
	"os/exec"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"cfdoctor/internal/fix"
)

func TestInvocation(t *testing.T) {
	got := awsCommand("cloudwatch", "get-metric-statistics").pairs("dimensions", [2]string{"DistributionId", "E1"}, [2]string{"Region", "Global"}).
		opt("statistics", "Average").in("us-east-1").to("See it")
	const want = "aws cloudwatch get-metric-statistics --dimensions Name=DistributionId,Value=E1 Name=Region,Value=Global --statistics Average --region us-east-1"
	if len(got) != 1 || got[0].AWSCLI != want || got[0].CallAWS != `call_aws(cli_command="`+want+`")` || got[0].Purpose != "See it" {
		t.Errorf("got %+v", got)
	}
}

func TestInvocationWithHostileValues(t *testing.T) {
	for value, want := range map[string]string{
		"it's; rm -rf ~":   `--name 'it'"'"'s; rm -rf ~'`,
		"$(id)":            `--name '$(id)'`,
		"":                 `--name ''`,
		"-v":               `--name=-v`,
		"a`b\"c":           "--name 'a`b\"c'",
		"line\nbreak":      "",
		"\u202eedoc":       "",
		"file:///etc/x":    "",
		"https://x/":       "",
		"not utf-8 \xff\n": "",
	} {
		got := awsCommand("s3api", "x").opt("name", value).to("p")
		switch {
		case want == "":
			if got != nil {
				t.Errorf("%q: got %v, want it refused", value, got)
			}
		case len(got) != 1 || got[0].AWSCLI != "aws s3api x "+want:
			t.Errorf("%q: got %v, want %s", value, got, want)
		}
	}
	if got := awsCommand("x", "y").opt("list", "a", "--endpoint-url=x").to("p"); got != nil {
		t.Errorf("an option among values: %v", got)
	}
	if got := awsCommand("x", "y").pairs("dimensions", [2]string{"N", "a,Name=b"}).to("p"); len(got) != 1 || strings.Contains(got[0].AWSCLI, "Value=a") {
		t.Errorf("a comma in shorthand: %v", got)
	}
}

// TestWordsSurviveTheShell: what a real shell makes of a quoted value is the value.
func TestWordsSurviveTheShell(t *testing.T) {
	sh, err := exec.LookPath("sh")
	if err != nil {
		t.Skip("no sh on this machine")
	}
	rapid.Check(t, func(t *rapid.T) {
		value := rapid.StringOfN(rapid.RuneFrom([]rune("ab'\"$`\\ !*?;|&<>(){}[]#~=-%\u00e9\u4e2d")), 0, 12, -1).Draw(t, "value")
		out, err := exec.Command(sh, "-c", "printf '%s' "+fix.Quote(value)).Output()
		if err != nil || string(out) != value {
			t.Fatalf("%q comes out as %q (%v)", value, out, err)
		}
	})
}
