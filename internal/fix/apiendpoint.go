package fix

import (
	"github.com/aws/aws-sdk-go-v2/aws"

	"cfdoctor/internal/account"
	"cfdoctor/internal/evidence"
)

// EnableRESTEndpoint switches the default endpoint of a REST API on again. That takes effect when a setting of a stage is updated, such as its
// deployment (APIGW/rest-api-disable-default-endpoint): the stage is given the deployment that it has, so that nothing else is published.
func EnableRESTEndpoint(region, id, stage, deployment string) Change {
	api := func(purpose, operation string, more ...param) call {
		return call{purpose: purpose, service: "apigateway", operation: operation, region: region, params: append([]param{{"restApiId", id}}, more...)}
	}
	replace := func(path, value string) param {
		return param{"patchOperations", []any{map[string]any{"op": "replace", "path": path, "value": value}}}
	}
	again := api("Update the stage with the deployment that it has, so that the setting takes effect", "UpdateStage",
		param{"stageName", stage}, replace("/deploymentId", deployment))
	set := func(purpose, disabled string) []call {
		return []call{api(purpose, "UpdateRestApi", replace("/disableExecuteApiEndpoint", disabled)), again}
	}
	read := account.RestAPI(region, id)
	c := defaultEndpoint(region, id)
	c.calls, c.undo = set("Switch the API's default endpoint on", "false"), set("Switch the API's default endpoint off again", "true")
	c.check = api("Read the API", "GetRestApi")
	c.look, c.want = Look{Keep: []string{"disableExecuteApiEndpoint"}}, map[string]any{"disableExecuteApiEndpoint": false}
	c.test = ".disableExecuteApiEndpoint != true"
	c.effect = func(w *evidence.World) {
		if answer, known := read.In(w).Get(); known {
			answer.DisableExecuteApiEndpoint = false
			read.Set(w, answer)
		}
	}
	return c
}

// EnableHTTPEndpoint does the same for an HTTP or WebSocket API. A stage that deploys automatically takes it up by itself
// (APIGW/http-api-disable-default-endpoint); deployment is "" then.
func EnableHTTPEndpoint(region, id, stage, deployment string) Change {
	api := func(purpose, operation string, more ...param) call {
		return call{purpose: purpose, service: "apigatewayv2", operation: operation, region: region, params: append([]param{{"ApiId", id}}, more...)}
	}
	set := func(purpose string, disabled bool) []call {
		calls := []call{api(purpose, "UpdateApi", param{"DisableExecuteApiEndpoint", disabled})}
		if deployment != "" {
			calls = append(calls, api("Update the stage with the deployment that it has, so that the setting takes effect", "UpdateStage",
				param{"StageName", stage}, param{"DeploymentId", deployment}))
		}
		return calls
	}
	read := account.HTTPAPI(region, id)
	c := defaultEndpoint(region, id)
	c.calls, c.undo = set("Switch the API's default endpoint on", false), set("Switch the API's default endpoint off again", true)
	c.check = api("Read the API", "GetApi")
	c.look, c.want = Look{Keep: []string{"DisableExecuteApiEndpoint"}}, map[string]any{"DisableExecuteApiEndpoint": false}
	c.test = ".DisableExecuteApiEndpoint != true"
	c.effect = func(w *evidence.World) {
		if answer, known := read.In(w).Get(); known {
			answer.DisableExecuteApiEndpoint = aws.Bool(false)
			read.Set(w, answer)
		}
	}
	return c
}

func defaultEndpoint(region, id string) simple {
	return simple{
		resource: "default endpoint of API " + printable(id), touches: "api",
		console: []string{"Open the API Gateway console in the Region " + show(region) + ", choose the API " + show(id) +
			", API settings (of an HTTP API: its details), Edit; set Default endpoint to Active and save; then deploy it to the stage, unless that deploys automatically"},
		expect: "the default endpoint is not disabled",
		diff: func(*evidence.World) []DiffLine {
			return []DiffLine{{Resource: "API " + printable(id), Path: "DisableExecuteApiEndpoint", Old: "true", New: "false"}}
		},
	}
}
