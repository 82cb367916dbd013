package fix

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"cfdoctor/internal/account"
)

// Prepare implements [Change].
func (d DistributionEdit) Prepare(ctx context.Context, p *Preparation) error {
	id := map[string]any{"Id": d.ID}
	read := APICall{Service: "cloudfront", Operation: "GetDistribution", Params: id}
	err := prepareWhole(ctx, p, wholeResource{
		name: d.Resource(), quotas: touched(distributionQuotas, d.Edits),
		look: Look{Call: read, Path: []string{"Distribution", "DistributionConfig"}, Version: "ETag"},
		put: func(doc any) APICall {
			return APICall{Service: "cloudfront", Operation: "UpdateDistribution", Params: with(id, map[string]any{"DistributionConfig": doc})}
		},
		guard: "IfMatch",
		await: &Await{For: d.Resource() + " to be deployed", Call: read, Path: []string{"Distribution", "Status"}, Want: "Deployed"},
		diff:  func(before, after any) []DiffLine { return diffTrees(d.Resource(), "", before, after) },
	}, d.Edits)
	if err == nil {
		p.Moves[len(p.Moves)-1].Late = slices.ContainsFunc(d.Edits, func(e ConfigEdit) bool { out, ok := e.New.(Output); return ok && out.Slow })
	}
	return err
}

// Prepare implements [Change].
func (c PolicyChange) Prepare(ctx context.Context, p *Preparation) error {
	params, region := map[string]any{}, ""
	for _, o := range c.on.options {
		if o.name == "region" {
			region = o.value
		} else {
			params[pascal(o.name)] = o.value
		}
	}
	service := strings.TrimSuffix(c.on.service, "api")
	api := func(subcommand string, more map[string]any) APICall {
		return APICall{Service: service, Operation: pascal(subcommand), Region: region, Params: with(params, more)}
	}
	whole := wholeResource{
		name: c.on.resource, limit: c.on.limit, limited: c.on.limited,
		look: Look{Call: api(c.on.get, nil), Path: []string{"Policy"}, Text: true},
		put:  func(doc any) APICall { return api(c.on.put, map[string]any{"Policy": text(doc)}) },
		diff: func(before, after any) []DiffLine { return diffPolicies(c.on.resource, before, after) },
	}
	if c.on.absent != "" {
		whole.look.Absent, whole.empty = []string{c.on.absent}, emptyPolicy
		remove := api(c.on.remove, nil)
		whole.remove = &remove
	}
	return prepareWhole(ctx, p, whole, c.Edits)
}

// pascal is an option's or subcommand's name as the API writes it.
func pascal(name string) string {
	var b strings.Builder
	for word := range strings.SplitSeq(name, "-") {
		b.WriteString(strings.ToUpper(word[:1]) + word[1:])
	}
	return b.String()
}

// Prepare implements [Change].
func (c CORSEdit) Prepare(ctx context.Context, p *Preparation) error {
	bucket := map[string]any{"Bucket": c.Bucket}
	remove := APICall{Service: "s3", Operation: "DeleteBucketCors", Params: bucket}
	return prepareWhole(ctx, p, wholeResource{
		name: c.Resource(), empty: "{}", remove: &remove,
		look: Look{Call: APICall{Service: "s3", Operation: "GetBucketCors", Params: bucket}, Keep: []string{"CORSRules"}, Absent: []string{"NoSuchCORSConfiguration"}},
		put: func(doc any) APICall {
			return APICall{Service: "s3", Operation: "PutBucketCors", Params: with(bucket, map[string]any{"CORSConfiguration": doc})}
		},
		diff: func(before, after any) []DiffLine { return diffTrees(c.Resource(), "", before, after) },
	}, c.Edits)
}

// Prepare implements [Change].
func (c WAFEdit) Prepare(ctx context.Context, p *Preparation) error {
	look := c.look()
	return prepareWhole(ctx, p, wholeResource{
		name: c.Resource(), quotas: touched(addressQuotas, c.Edits), look: look,
		put: func(doc any) APICall {
			return APICall{Service: "wafv2", Operation: "Update" + c.on.member, Region: look.Call.Region, Params: with(look.Call.Params, objectOf(doc))}
		},
		guard: "LockToken",
		diff:  func(before, after any) []DiffLine { return diffTrees(c.Resource(), "", before, after) },
	}, c.Edits)
}

// Prepare implements [Change].
func (c LambdaGrant) Prepare(ctx context.Context, p *Preparation) error {
	params := map[string]any{"FunctionName": c.Function}
	if c.Qualifier != "" {
		params["Qualifier"] = c.Qualifier
	}
	look := Look{Call: APICall{Service: "lambda", Operation: "GetPolicy", Region: c.Region, Params: params}, Path: []string{"Policy", "Statement"},
		Absent: []string{"ResourceNotFoundException"}, Only: "Sid"}
	whole := look
	whole.Only = ""
	state, _, err := p.look(ctx, whole)
	if err != nil {
		return err
	}
	m := Move{Resource: c.Resource(), Look: look, Before: []any{}}
	after := []any{}
	for _, want := range c.permissions() {
		if slices.ContainsFunc(listOf(state), func(s any) bool { return want.in(s) }) {
			continue
		}
		if slices.ContainsFunc(listOf(state), func(s any) bool { return sameTree(objectOf(s)["Sid"], want.sid) }) {
			return fmt.Errorf("another statement has the Sid %s already", want.sid)
		}
		m.Look.Values = append(m.Look.Values, want.sid)
		after = append(after, map[string]any{"Sid": want.sid, "Effect": "Allow", "Action": want.action})
		add := with(params, map[string]any{"StatementId": want.sid, "Action": want.action, "Principal": "cloudfront.amazonaws.com", "SourceArn": want.arn})
		m.Do = append(m.Do, Step{Call: APICall{Service: "lambda", Operation: "AddPermission", Region: c.Region, Params: add}, Accept: []string{"ResourceConflictException"}})
		m.Undo = append(m.Undo, Step{Call: APICall{Service: "lambda", Operation: "RemovePermission", Region: c.Region,
			Params: with(params, map[string]any{"StatementId": want.sid})}, Accept: []string{"ResourceNotFoundException"}})
		m.Diff = append(m.Diff, DiffLine{Resource: c.Resource(), Path: want.sid, New: want.action + " for " + printable(want.arn)})
	}
	m.After = after
	p.Moves = append(p.Moves, m)
	return nil
}

// in reports whether a statement of a function's policy grants the permission.
func (want permission) in(statement any) bool {
	s := objectOf(statement)
	if s["Effect"] != "Allow" || !contains(listOf(s["Action"]), want.action) || objectOf(s["Principal"])["Service"] != "cloudfront.amazonaws.com" {
		return false
	}
	for _, operator := range objectOf(s["Condition"]) {
		for key, values := range objectOf(operator) {
			if strings.EqualFold(key, sourceARN) && contains(listOf(values), want.arn) {
				return true
			}
		}
	}
	return false
}

// Prepare implements [Change].
func (c OACCreation) Prepare(ctx context.Context, p *Preparation) error {
	look := Look{Call: APICall{Service: "cloudfront", Operation: "ListOriginAccessControls", Params: map[string]any{}},
		Path: []string{"OriginAccessControlList", "Items"}, Only: "Name", Values: []string{c.Name}}
	state, _, err := p.look(ctx, look)
	if err != nil {
		return err
	}
	config := objectOf(mustTree(c.config()))
	placeholder := c.ID().Placeholder
	if named := listOf(state); len(named) > 0 { // names are unique in an account
		there := objectOf(named[0])
		id, _ := there["Id"].(string)
		if id == "" || there["OriginAccessControlOriginType"] != config["OriginAccessControlOriginType"] || there["SigningBehavior"] != config["SigningBehavior"] {
			return errors.New("an origin access control of this name exists already, with other settings")
		}
		p.Values[placeholder] = id
		return nil
	}
	id := map[string]any{"Id": placeholder}
	p.Moves = append(p.Moves, Move{
		Resource: c.Resource(), Look: look, Before: []any{}, After: []any{config},
		Do: []Step{{Call: APICall{Service: "cloudfront", Operation: "CreateOriginAccessControl", Params: map[string]any{"OriginAccessControlConfig": config}},
			Outputs: map[string]string{placeholder: "OriginAccessControl.Id"}}},
		Undo: []Step{{Call: APICall{Service: "cloudfront", Operation: "DeleteOriginAccessControl", Params: id},
			Version: &Version{Param: "IfMatch", Call: &APICall{Service: "cloudfront", Operation: "GetOriginAccessControl", Params: id}, Path: "ETag"}}},
		Diff: c.Diff(nil),
	})
	return nil
}

// Prepare implements [Change]: a certificate is issued when its domains' owner has acted, so that nothing can be applied.
func (c CertificateRequest) Prepare(context.Context, *Preparation) error {
	return fmt.Errorf("%w: it needs %s", ErrManual, c.Input())
}

// Prepare implements [Change]. Taking a publication back writes the old code into DEVELOPMENT, publishes that, and puts the newer code back
// into DEVELOPMENT, since CloudFront keeps no code but that of the two stages.
func (c FunctionPublication) Prepare(ctx context.Context, p *Preparation) error {
	code := func(stage string) Look {
		return Look{Call: APICall{Service: "cloudfront", Operation: "GetFunction", Params: map[string]any{"Name": c.Name, "Stage": stage}},
			Path: []string{"FunctionCode"}, Absent: []string{"NoSuchFunctionExists"}, Version: "ETag"}
	}
	live, _, err := p.look(ctx, code("LIVE"))
	if err != nil {
		return err
	}
	development, etag, err := p.look(ctx, code("DEVELOPMENT"))
	if err != nil {
		return err
	}
	if development == nil {
		return errors.New("there is no such function")
	}
	m := Move{Resource: c.Resource(), Look: code("LIVE"), Before: live, After: development, Diff: c.Diff(nil)}
	if !sameTree(live, development) {
		m.Do = []Step{{Call: APICall{Service: "cloudfront", Operation: "PublishFunction", Params: map[string]any{"Name": c.Name}}, Version: guarded("IfMatch", etag)}}
	}
	if live != nil && m.Do != nil {
		if m.Undo, err = c.republish(ctx, p, live, development); err != nil {
			return err
		}
	}
	p.Moves = append(p.Moves, m)
	return nil
}

func (c FunctionPublication) republish(ctx context.Context, p *Preparation, live, development any) ([]Step, error) {
	describe := APICall{Service: "cloudfront", Operation: "DescribeFunction", Params: map[string]any{"Name": c.Name, "Stage": "DEVELOPMENT"}}
	config, _, err := p.look(ctx, Look{Call: describe, Path: []string{"FunctionSummary", "FunctionConfig"}})
	if err != nil {
		return nil, err
	}
	guard := &Version{Param: "IfMatch", Call: &describe, Path: "ETag"}
	update := func(code any) Step {
		return Step{Version: guard, Call: APICall{Service: "cloudfront", Operation: "UpdateFunction",
			Params: map[string]any{"Name": c.Name, "FunctionConfig": config, "FunctionCode": code}}}
	}
	publish := Step{Version: guard, Call: APICall{Service: "cloudfront", Operation: "PublishFunction", Params: map[string]any{"Name": c.Name}}}
	return []Step{update(live), publish, update(development)}, nil
}

// Prepare implements [Change].
func (c LoggingSetup) Prepare(ctx context.Context, p *Preparation) error {
	logs := func(operation string, params map[string]any) APICall {
		return APICall{Service: "logs", Operation: operation, Region: account.GlobalRegion, Params: params}
	}
	sources, _, err := p.look(ctx, Look{Call: logs("DescribeDeliverySources", map[string]any{}), Path: []string{"deliverySources"}})
	if err != nil {
		return err
	}
	for _, source := range listOf(sources) {
		s := objectOf(source)
		if s["logType"] == "ACCESS_LOGS" && contains(listOf(s["resourceArns"]), c.Monitored.ARN) && s["name"] != c.name() {
			return errors.New("the distribution is a source of logs already, under another name")
		}
	}
	look := Look{Call: logs("DescribeDeliveries", map[string]any{}), Path: []string{"deliveries"}, Only: "deliverySourceName", Values: []string{c.name()},
		Keep: []string{"deliverySourceName", "deliveryDestinationArn"}}
	before, _, err := p.look(ctx, look)
	if err != nil {
		return err
	}
	m := Move{Resource: c.Resource(), Look: look, Before: before, Diff: c.Diff(nil),
		After: []any{map[string]any{"deliverySourceName": c.name(), "deliveryDestinationArn": c.destination()}}}
	if !Reached(m.After, before) {
		const delivery = "DELIVERYIDFROMTHEANSWER"
		gone := []string{"ResourceNotFoundException"}
		name := map[string]any{"name": c.name()}
		group, source, destination, deliver := c.calls()
		m.Do = []Step{group.step(), source.step(), destination.step(), deliver.step()}
		m.Do[3].Outputs = map[string]string{delivery: "delivery.id"}
		m.Undo = []Step{
			{Call: logs("DeleteDelivery", map[string]any{"id": delivery}), Accept: gone},
			{Call: logs("DeleteDeliverySource", name), Accept: gone},
			{Call: logs("DeleteDeliveryDestination", name), Accept: gone},
		}
	}
	p.Moves = append(p.Moves, m)
	return nil
}
