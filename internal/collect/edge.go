package collect

import (
	"context"
	"regexp"
	"slices"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/cloudfront/types"

	"cfdoctor/internal/account"
	"cfdoctor/internal/cloudfront/signed"
)

// edge asks for what the cache behaviors name: policies, functions, keys, field-level encryption. It returns the names of the
// CloudFront Functions, sorted.
func (w *walk) edge(ctx context.Context) []string {
	var functions []string
	for _, b := range w.behaviors {
		wantEach(ctx, w.c, account.CachePolicy, b.CachePolicyId)
		wantEach(ctx, w.c, account.OriginRequestPolicy, b.OriginRequestPolicyId)
		wantEach(ctx, w.c, account.ResponseHeadersPolicy, b.ResponseHeadersPolicyId)
		wantEach(ctx, w.c, account.RealtimeLogConfig, b.RealtimeLogConfigArn)
		w.signers(ctx, b.TrustedKeyGroups)
		w.fieldEncryption(ctx, aws.ToString(b.FieldLevelEncryptionId))
		if b.FunctionAssociations != nil {
			for _, f := range b.FunctionAssociations.Items {
				if name := functionName(aws.ToString(f.FunctionARN)); name != "" {
					functions = append(functions, name)
				}
			}
		}
		if b.LambdaFunctionAssociations != nil {
			for _, f := range b.LambdaFunctionAssociations.Items {
				w.lambdaEdge(ctx, aws.ToString(f.LambdaFunctionARN))
			}
		}
	}
	slices.Sort(functions)
	functions = slices.Compact(functions)
	for _, name := range functions {
		w.function(ctx, name)
	}
	return functions
}

// functionName takes the name out of a CloudFront Function's ARN, which ends in function/NAME.
func functionName(arn string) string {
	_, name, _ := strings.Cut(arn, ":function/")
	return name
}

// function asks for a CloudFront Function at both stages: a difference is what was edited and not published.
func (w *walk) function(ctx context.Context, name string) {
	for _, stage := range []types.FunctionStage{types.FunctionStageLive, types.FunctionStageDevelopment} {
		w.c.Want(ctx, account.FunctionCode(name, string(stage)))
		then(ctx, w.c, account.Function(name, string(stage)), func(ctx context.Context, out account.FunctionOutput) {
			config := out.FunctionSummary.FunctionConfig
			if config == nil || config.KeyValueStoreAssociations == nil {
				return
			}
			for _, store := range config.KeyValueStoreAssociations.Items {
				wantEach(ctx, w.c, account.KeyValues, store.KeyValueStoreARN)
			}
		})
	}
	w.c.Want(ctx, account.LogGroups(account.GlobalRegion, "/aws/cloudfront/function/"+name))
}

// lambdaEdge asks for a Lambda@Edge function's version and for its role. Its logs lie in the Regions near the viewers
// (DG/edge-functions-logs); the group in us-east-1 stands for them.
func (w *walk) lambdaEdge(ctx context.Context, arn string) {
	parts := strings.Split(arn, ":")
	if len(parts) < 7 {
		return
	}
	w.c.Want(ctx, account.LogGroups(account.GlobalRegion, "/aws/lambda/us-east-1."+parts[6]))
	then(ctx, w.c, account.LambdaConfiguration(arn), func(ctx context.Context, out account.LambdaConfigurationOutput) {
		role := aws.ToString(out.Role)
		if i := strings.LastIndexByte(role, '/'); i >= 0 {
			w.c.Want(ctx, account.Role(role[i+1:]))
		}
	})
}

// signers asks for the key groups that may sign, and for their keys.
func (w *walk) signers(ctx context.Context, groups *types.TrustedKeyGroups) {
	if groups == nil {
		return
	}
	if id := w.signedWith(); id != "" && aws.ToBool(groups.Enabled) {
		w.c.Want(ctx, account.PublicKey(id)) // it may be in no group and still be a key of this account
	}
	for _, id := range groups.Items {
		then(ctx, w.c, account.KeyGroup(id), func(ctx context.Context, out account.KeyGroupOutput) {
			if out.KeyGroup.KeyGroupConfig == nil {
				return
			}
			for _, key := range out.KeyGroup.KeyGroupConfig.Items {
				w.c.Want(ctx, account.PublicKey(key))
			}
		})
	}
}

// publicKeyID is how CloudFront names public keys, as DG/private-content-trusted-signers shows them.
var publicKeyID = regexp.MustCompile(`^K[0-9A-Z]{6,40}$`)

// signedWith is the public key that the request's signature names, "" for none and for what cannot be the id of one.
func (w *walk) signedWith() string {
	var cookies []signed.Pair
	for _, c := range w.req.Cookies() {
		cookies = append(cookies, signed.Pair{Name: c.Name, Value: c.Value})
	}
	if id := signed.Find(w.req.Query, cookies).KeyPairID; publicKeyID.MatchString(id) {
		return id
	}
	return ""
}

// fieldEncryption asks for a field-level encryption configuration, its profiles and their keys.
func (w *walk) fieldEncryption(ctx context.Context, id string) {
	if id == "" {
		return
	}
	then(ctx, w.c, account.FieldLevelEncryption(id), func(ctx context.Context, out account.FieldLevelEncryptionOutput) {
		config := out.FieldLevelEncryption.FieldLevelEncryptionConfig
		if config == nil {
			return
		}
		if c := config.QueryArgProfileConfig; c != nil && c.QueryArgProfiles != nil {
			for _, p := range c.QueryArgProfiles.Items {
				w.encryptionProfile(ctx, aws.ToString(p.ProfileId))
			}
		}
		if c := config.ContentTypeProfileConfig; c != nil && c.ContentTypeProfiles != nil {
			for _, p := range c.ContentTypeProfiles.Items {
				w.encryptionProfile(ctx, aws.ToString(p.ProfileId))
			}
		}
	})
}

func (w *walk) encryptionProfile(ctx context.Context, id string) {
	if id == "" {
		return
	}
	then(ctx, w.c, account.FieldLevelEncryptionProfile(id), func(ctx context.Context, out account.FieldLevelEncryptionProfileOutput) {
		config := out.FieldLevelEncryptionProfile.FieldLevelEncryptionProfileConfig
		if config == nil || config.EncryptionEntities == nil {
			return
		}
		for _, e := range config.EncryptionEntities.Items {
			wantEach(ctx, w.c, account.PublicKey, e.PublicKeyId)
		}
	})
}
