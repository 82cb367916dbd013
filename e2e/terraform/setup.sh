#!/bin/sh
# Builds, below e2e/.terraform, what reads the Terraform file of the recommended monitoring: OpenTofu, and the AWS provider with the three
# services that the file uses. Both come from Go's module proxy, pinned, and are built once, which takes some ten minutes on two processors:
# that is why this is no part of make e2e.
#
# With the argument "schema" it then records the provider's own schema of our resources, which a test of every day holds the file against.
set -eu
cd "$(dirname "$0")"
tofu=github.com/opentofu/opentofu@v1.10.6
provider=github.com/hashicorp/terraform-provider-aws@v1.60.1-0.20260602190131-5f2286d6d836 # 6.x of 2 June 2026
there=$(cd .. && pwd)/.terraform
mkdir -p "$there/bin"

# sources MODULE prints the folder of a module's sources.
sources() { (cd "$there" && go mod download -json "$1" | sed -n 's/^[[:space:]]*"Dir": "\(.*\)",$/\1/p'); }

if [ "$(cat "$there/tofu.version" 2>/dev/null)" != "$tofu" ]; then
	from=$(sources "$tofu")
	(cd "$from" && go build -trimpath -ldflags '-s -w' -o "$there/bin/tofu" ./cmd/tofu)
	echo "$tofu" >"$there/tofu.version"
fi
if [ "$(cat "$there/provider.version" 2>/dev/null)" != "$provider" ]; then
	rm -rf "$there/provider"
	mkdir "$there/provider"
	python3 cut.py "$(sources "$provider")" "$there/provider"
	(cd "$there/provider" && go build -trimpath -ldflags '-s -w' -o "$there/bin/terraform-provider-aws" .)
	rm -rf "$there/provider"
	echo "$provider" >"$there/provider.version"
fi
cat >"$there/tofurc" <<END
provider_installation {
  dev_overrides {
    "hashicorp/aws" = "$there/bin"
  }
  direct {}
}
END

if [ "${1-}" = schema ]; then
	mkdir -p "$there/schema"
	printf 'terraform {\n  required_providers {\n    aws = {\n      source = "hashicorp/aws"\n    }\n  }\n}\n' >"$there/schema/main.tf"
	(cd "$there/schema" && TF_CLI_CONFIG_FILE="$there/tofurc" "$there/bin/tofu" providers schema -json) | jq -S --arg from "$provider" '
		def block: {
			attributes: ((.attributes // {}) | map_values({required: (.required // false), settable: (.required or .optional)})),
			blocks: ((.block_types // {}) | map_values({least: (.min_items // 0), most: (.max_items // 0)} + (.block | block)))
		};
		{from: $from, resources: (.provider_schemas[].resource_schemas | with_entries(select(.key | IN(
			"aws_cloudfront_monitoring_subscription", "aws_cloudwatch_log_delivery", "aws_cloudwatch_log_delivery_destination",
			"aws_cloudwatch_log_delivery_source", "aws_cloudwatch_log_group", "aws_cloudwatch_metric_alarm"))) | map_values(.block | block))}' \
		>../../internal/fix/testdata/terraform-schema.json
fi
