package e2e

import (
	"bytes"
	"encoding/json"
	"maps"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"cfdoctor/internal/policy"
	"cfdoctor/internal/tri"
)

// A disagreement between cfdoctor and the oracle is a class with a name, with AWS's own word on who is right. The restatement says the same
// to AWS in a form that the oracle reads as AWS does: where the class is the whole explanation, the oracle then agrees.
type disagreement struct {
	name    string
	verdict string
	source  string
	restate func(c policyCase, statement, operators map[string]any)
}

var disagreements = []disagreement{
	{
		name: "a bare address is its /32",
		verdict: "cfdoctor: without a prefix length IAM takes /32, so that every address of the other IP version is another address. " +
			"The oracle lets no negated operator match across versions.",
		source: "IAM/reference_policies_elements_condition_operators#Conditions_IPAddress",
		restate: func(_ policyCase, _, operators map[string]any) {
			rewriteValues(operators, "ipaddress", func(v string) []string {
				switch {
				case strings.Contains(v, "/"):
					return []string{v}
				case strings.Contains(v, ":"):
					return []string{v + "/128"}
				}
				return []string{v + "/32"}
			})
		},
	},
	{
		name:    "the block of all addresses",
		verdict: "cfdoctor: 0.0.0.0/0 is a CIDR block like others and holds all of IPv4. The oracle shifts by 32 bits, which JavaScript does not.",
		source:  "IAM/reference_policies_elements_condition_operators#Conditions_IPAddress, RFC 4632",
		restate: func(_ policyCase, _, operators map[string]any) {
			rewriteValues(operators, "ipaddress", func(v string) []string {
				if v == "0.0.0.0/0" {
					return []string{"0.0.0.0/1", "128.0.0.0/1"}
				}
				return []string{v}
			})
		},
	},
	{
		name:    "dates in epoch seconds",
		verdict: "cfdoctor: dates are ISO 8601 or UNIX time, which counts seconds. The oracle compares seconds with milliseconds.",
		source:  "IAM/reference_policies_elements_condition_operators#Conditions_Date",
		restate: func(c policyCase, _, operators map[string]any) {
			iso := func(v string) []string {
				if n, err := strconv.ParseInt(v, 10, 64); err == nil {
					return []string{time.Unix(n, 0).UTC().Format(time.RFC3339)}
				}
				return []string{v}
			}
			for name, keys := range operators {
				if at, asked := keys.(map[string]any)["aws:EpochTime"]; asked && strings.HasPrefix(name, "Date") {
					// The same moment under the name of the key that is always ISO 8601.
					delete(operators, name)
					operators[name] = map[string]any{"aws:TokenIssueTime": at}
					if sent := c.Context["aws:EpochTime"]; sent != nil {
						c.Context["aws:TokenIssueTime"] = iso(sent[0])
					}
				}
			}
			rewriteValues(operators, "date", iso)
		},
	},
	{
		name: "colons within policy variables",
		verdict: "cfdoctor: a variable is replaced by its value before the ARN's six parts are compared. " +
			"The oracle splits at the colon in the variable's own name.",
		source: "IAM/reference_policies_variables, IAM/reference_policies_elements_condition_operators#Conditions_ARN",
		restate: func(c policyCase, _, operators map[string]any) {
			rewriteValues(operators, "arn", func(v string) []string {
				if sent := c.Context["aws:SourceAccount"]; sent != nil {
					v = strings.ReplaceAll(v, "${aws:SourceAccount}", sent[0])
				}
				return []string{v}
			})
		},
	},
}

// Where AWS's documentation leaves a question open, cfdoctor says so and the oracle answers. Each reason is listed with what it rests on.
var undecided = []struct {
	name, source string
	explains     func(m policy.Mismatch, c policyCase) bool
}{
	{
		"ARN operators speak of six parts; what a shorter pattern such as * does is not said",
		"IAM/reference_policies_elements_condition_operators#Conditions_ARN",
		func(m policy.Mismatch, _ policyCase) bool {
			short := func(v string) bool { return strings.Count(v, ":") < 5 }
			return strings.HasPrefix(m.Operator, "Arn") && slices.ContainsFunc(m.Want, short)
		},
	},
	{
		"a statement with a variable that has no value may count as invalid as a whole",
		"IAM/reference_policies_variables",
		func(m policy.Mismatch, c policyCase) bool {
			return slices.ContainsFunc(m.Want, func(v string) bool {
				_, name, found := strings.Cut(v, "${aws:")
				name, _, _ = strings.Cut(name, "}")
				return found && !strings.Contains(name, ",") && c.Context["aws:"+name] == nil
			})
		},
	},
	{
		"NotPrincipal that names an identity but not its account may deny the identity all the same, by service",
		"IAM/reference_policies_elements_notprincipal",
		func(m policy.Mismatch, _ policyCase) bool { return strings.HasSuffix(m.Field, ".NotPrincipal") },
	},
}

// TestPolicyOracle asks an independent evaluator thousands of generated questions. It fails on every disagreement that no class explains.
func TestPolicyOracle(t *testing.T) {
	r := rand.New(rand.NewPCG(20261121, 3))
	cases := make([]policyCase, 8000)
	for i := range cases {
		cases[i] = newPolicyCase(t, r)
	}
	answers := askOracle(t, cases)
	var left, restated []policyCase // what to ask once more, and how
	var classes []string
	count := map[string]int{}
	for i, c := range cases {
		d := c.decide(t)
		switch {
		case d.Reason == policy.Undecided:
			for _, reason := range reasonsUndecided(t, d, c) {
				count[reason]++
			}
		case d.Reason.String() == answers[i]:
			count[answers[i]+" both"]++
		default:
			for _, class := range disagreements {
				left, restated, classes = append(left, c), append(restated, c.restatement(t, class)), append(classes, class.name)
			}
			left, restated, classes = append(left, c), append(restated, c.restatement(t, disagreements...)), append(classes, "several classes at once")
		}
	}
	explained := map[string]bool{}
	for i, answer := range askOracle(t, restated) {
		if key := left[i].key(); !explained[key] && answer == left[i].decide(t).Reason.String() {
			explained[key] = true
			count[classes[i]]++
		}
	}
	for _, c := range left {
		if !explained[c.key()] {
			explained[c.key()] = true
			t.Errorf("cfdoctor says %v, and no class of disagreement explains the oracle:\n%s", c.decide(t).Reason, c.key())
		}
	}
	for _, name := range slices.Sorted(maps.Keys(count)) {
		t.Logf("%6d %s", count[name], name)
	}
	for _, class := range disagreements {
		if count[class.name] == 0 {
			t.Errorf("no case shows that %q is a disagreement", class.name)
		}
	}
	if count["allowed both"] < 500 || count["explicit deny both"] < 500 {
		t.Error("too few of the cases allow or deny explicitly: the generator has lost its aim")
	}
}

// reasonsUndecided names the documented gap behind every element that the decision could not settle.
func reasonsUndecided(t *testing.T, d policy.Decision, c policyCase) []string {
	t.Helper()
	var out []string
	for _, f := range d.Deciding.Failed {
		if f.State != tri.Unknown {
			continue
		}
		name := ""
		for _, reason := range undecided {
			if name == "" && reason.explains(f, c) {
				name = "undecided: " + reason.name
			}
		}
		if name == "" {
			t.Errorf("%s is undecided for no reason listed here:\n%s", f.Field, c.key())
		}
		out = append(out, name)
	}
	return out
}

func (c policyCase) key() string {
	out, _ := json.Marshal(c)
	return string(out)
}

// restatement is the case in the words of some classes.
func (c policyCase) restatement(t *testing.T, classes ...disagreement) policyCase {
	t.Helper()
	c.Context = maps.Clone(c.Context)
	var document struct {
		Version   string
		Statement []map[string]any
	}
	if err := json.Unmarshal(c.Policy, &document); err != nil {
		t.Fatal(err)
	}
	for _, s := range document.Statement {
		operators, _ := s["Condition"].(map[string]any)
		for _, class := range classes {
			class.restate(c, s, operators)
		}
	}
	var err error
	if c.Policy, err = json.Marshal(document); err != nil {
		t.Fatal(err)
	}
	return c
}

// rewriteValues replaces the values of every operator whose name holds kind.
func rewriteValues(operators map[string]any, kind string, rewrite func(string) []string) {
	for name, keys := range operators {
		if !strings.Contains(strings.ToLower(name), kind) {
			continue
		}
		for key, value := range keys.(map[string]any) {
			list, many := value.([]any)
			if !many {
				list = []any{value}
			}
			var out []any
			for _, v := range list {
				for _, one := range rewrite(v.(string)) {
					out = append(out, one)
				}
			}
			keys.(map[string]any)[key] = out
		}
	}
}

// askOracle returns the oracle's answers in the words of policy.Reason. It tells what the policy grants to an account from what it grants to
// the caller; to the policy alone both are the same.
func askOracle(t *testing.T, cases []policyCase) []string {
	t.Helper()
	var in bytes.Buffer
	for _, c := range cases {
		in.WriteString(c.key() + "\n")
	}
	cmd := exec.Command(node(t), filepath.Join("node", "iam_oracle.mjs"))
	cmd.Stdin, cmd.Stderr = &in, os.Stderr
	out, err := cmd.Output()
	if err != nil {
		t.Fatal(err)
	}
	lines := bytes.Split(bytes.TrimSpace(out), []byte("\n"))
	if len(lines) != len(cases) {
		t.Fatalf("%d answers to %d questions", len(lines), len(cases))
	}
	answers := make([]string, len(cases))
	for i, line := range lines {
		var said struct {
			Result, Error string
			Ignored       []string
		}
		if err := json.Unmarshal(line, &said); err != nil {
			t.Fatal(err)
		}
		if len(said.Ignored) > 0 {
			t.Fatalf("the oracle ignored %v, which the action does not have: %s", said.Ignored, cases[i].key())
		}
		switch said.Result {
		case "Allowed", "AllowedForAccount":
			answers[i] = policy.AllowMatched.String()
		case "ExplicitlyDenied", "DeniedForAccount":
			answers[i] = policy.ExplicitDeny.String()
		case "ImplicitlyDenied":
			answers[i] = policy.ImplicitDeny.String()
		default:
			t.Fatalf("the oracle did not answer: %s", line)
		}
	}
	return answers
}

// node is the Node.js that setup.sh installed.
func node(t *testing.T) string {
	if os.Getenv("CFDOCTOR_E2E") == "" {
		t.Skip("make e2e runs this test")
	}
	path, err := filepath.Abs(filepath.Join("node", "node_modules", ".bin", "node"))
	if err != nil {
		t.Fatal(err)
	}
	if _, err := os.Stat(path); err != nil {
		t.Skip("run e2e/setup.sh for this test")
	}
	return path
}
