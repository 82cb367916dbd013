#!/bin/sh
# Installs the pinned programs that the end-to-end tests and the benchmarks run beside cfdoctor. Does nothing where they are up to date.
#
#	e2e/.venv            requirements.txt: the aws program, moto, botocore's models
#	e2e/.venv-mcp        requirements-mcp.txt: the AWS API MCP server
#	e2e/.venv-cfn-lint   requirements-cfn-lint.txt
#	e2e/node             package.json: Node.js itself, the MCP conformance suite and inspector, an independent policy evaluator
#	e2e/.nginx           Debian's nginx, unpacked, where there is apt-get and no nginx; its test is skipped where it cannot be had
#
# With names as arguments (venv, venv-mcp, venv-cfn-lint, node, nginx) it installs only those.
set -eu
cd "$(dirname "$0")"

# python_env DIRECTORY REQUIREMENTS
python_env() {
	if cmp -s "$2" "$1/installed.txt"; then
		return
	fi
	rm -rf "$1"
	python3 -m venv "$1"
	"$1/bin/pip" install --quiet --disable-pip-version-check -r "$2"
	cp "$2" "$1/installed.txt"
}

node_modules() {
	if cmp -s node/package-lock.json node/node_modules/installed.json; then
		return
	fi
	# The engine warnings are of the Node.js that installs; the tests run the one that is installed here.
	npm ci --prefix node --no-audit --no-fund --loglevel=error
	cp node/package-lock.json node/node_modules/installed.json
}

debian_nginx() {
	if command -v nginx >/dev/null || [ -x .nginx/usr/sbin/nginx ] || ! command -v apt-get >/dev/null; then
		return
	fi
	mkdir -p .nginx
	if (cd .nginx && { apt-get download -qq nginx || { apt-get update -qq && apt-get download -qq nginx; }; } && dpkg-deb -x nginx_*.deb .) >.nginx/log 2>&1; then
		return
	fi
	rm -f .nginx/usr/sbin/nginx
	echo "e2e/setup.sh: no nginx; its test will be skipped: $(tail -1 .nginx/log)" >&2
}

for part in ${*:-venv venv-mcp venv-cfn-lint node nginx}; do
	case $part in
	venv) python_env .venv requirements.txt ;;
	venv-mcp) python_env .venv-mcp requirements-mcp.txt ;;
	venv-cfn-lint) python_env .venv-cfn-lint requirements-cfn-lint.txt ;;
	node) node_modules ;;
	nginx) debian_nginx ;;
	*)
		echo "e2e/setup.sh: there is no part $part" >&2
		exit 2
		;;
	esac
done
