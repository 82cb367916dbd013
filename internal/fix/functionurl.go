package fix

import (
	"fmt"
	"slices"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	lambda "github.com/aws/aws-sdk-go-v2/service/lambda/types"

	"cfdoctor/internal/account"
	"cfdoctor/internal/evidence"
)

// SetFunctionURLAuth sets who may call a function's URL: AWS_IAM, those whose signed requests the function's policy lets in, or NONE, everybody.
// UpdateFunctionUrlConfig leaves what is not named (Lambda API reference). It waits until what the changes before it bring about is deployed,
// so that CloudFront signs before signatures are asked for. Qualifier is an alias, "" for the function itself; old is what it was.
func SetFunctionURLAuth(function, region, qualifier, auth, old string) Change {
	api := func(purpose, operation string, more ...param) call {
		params := []param{{"FunctionName", function}}
		if qualifier != "" {
			params = append(params, param{"Qualifier", qualifier})
		}
		return call{purpose: purpose, service: "lambda", operation: operation, region: region, params: append(params, more...)}
	}
	set := func(purpose string, auth any) call {
		return api(purpose, "UpdateFunctionUrlConfig", param{"AuthType", auth})
	}
	back := "Give the function URL its old authentication"
	return simple{
		resource: "function URL of Lambda function " + printable(function), touches: "function-url",
		console: []string{"When all of this is deployed: open the AWS Lambda console in the Region " + show(region) + ", choose the function " + show(function) +
			", and on the Configuration tab, under Function URL, choose Edit; set Auth type to " + show(auth) + " and choose Save"},
		calls:  []call{set("When all of this is deployed, set the function URL's authentication", auth)},
		undo:   []call{set(back, old)},
		back:   func(before any) []call { return []call{set(back, objectOf(before)["AuthType"])} },
		check:  api("Read the function URL", "GetFunctionUrlConfig"),
		look:   Look{Keep: []string{"AuthType"}},
		want:   map[string]any{"AuthType": auth},
		expect: "AuthType is " + printable(auth),
		test:   fmt.Sprintf(".AuthType == %s", text(auth)),
		late:   true,
		diff: func(*evidence.World) []DiffLine {
			return []DiffLine{{Resource: "function URL of " + printable(function), Path: "AuthType", Old: printable(old), New: printable(auth)}}
		},
		effect: func(w *evidence.World) {
			read := account.FunctionURLs(region, function)
			answer, known := read.In(w).Get()
			if !known {
				return
			}
			answer.FunctionUrlConfigs = slices.Clone(answer.FunctionUrlConfigs)
			for i := range answer.FunctionUrlConfigs {
				if of := aws.ToString(answer.FunctionUrlConfigs[i].FunctionArn); qualifierOf(of) == qualifier {
					answer.FunctionUrlConfigs[i].AuthType = lambda.FunctionUrlAuthType(auth)
				}
			}
			read.Set(w, answer)
		},
	}
}

// qualifierOf is the alias or version in a function's ARN: arn:PARTITION:lambda:REGION:ACCOUNT:function:NAME[:QUALIFIER].
func qualifierOf(arn string) string {
	if parts := strings.SplitN(arn, ":", 8); len(parts) == 8 {
		return parts[7]
	}
	return ""
}
