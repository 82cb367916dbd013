#!/bin/sh
# Installs the pinned programs that the end-to-end tests and the benchmarks run beside cfdoctor. Does nothing where they are up to date.
#
#	e2e/.venv            requirements.txt: the aws program, moto, botocore's models
#	e2e/.venv-mcp        requirements-mcp.txt: the AWS API MCP server
#	e2e/.venv-cfn-lint   requirements-cfn-lint.txt
#	e2e/node             package.json: Node.js itself, the MCP conformance suite and inspector, an independent policy evaluator
#	e2e/.awscli2         version 2 of the aws program: Debian's package awscli, unpacked, where there is apt-get, with requirements-awscli2.txt;
#	                     its tests are skipped where it cannot be had
#	e2e/.nginx           Debian's nginx, unpacked, where there is apt-get and no nginx; its test is skipped where it cannot be had
#
# With names as arguments (venv, venv-mcp, venv-cfn-lint, node, nginx, awscli2) it installs only those.
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

# debian_package NAME leaves the package in the current folder.
debian_package() {
	apt-get download -qq "$1" || { apt-get update -qq && apt-get download -qq "$1"; }
}

debian_nginx() {
	if command -v nginx >/dev/null || [ -x .nginx/usr/sbin/nginx ] || ! command -v apt-get >/dev/null; then
		return
	fi
	mkdir -p .nginx
	if (cd .nginx && debian_package nginx && dpkg-deb -x nginx_*.deb .) >.nginx/log 2>&1; then
		return
	fi
	rm -f .nginx/usr/sbin/nginx
	echo "e2e/setup.sh: no nginx; its test will be skipped: $(tail -1 .nginx/log)" >&2
}

aws_version_2() {
	if [ -x .awscli2/bin/aws ] && cmp -s requirements-awscli2.txt .awscli2/installed.txt; then
		return
	fi
	if ! command -v apt-get >/dev/null || ! command -v dpkg-deb >/dev/null; then
		echo "e2e/setup.sh: no version 2 of the aws program without apt-get and dpkg-deb; its tests will be skipped" >&2
		return
	fi
	python_env .awscli2 requirements-awscli2.txt
	if ! (cd .awscli2 && debian_package awscli && dpkg-deb -x awscli_2*.deb debian && rm awscli_2*.deb) >.awscli2/log 2>&1; then
		echo "e2e/setup.sh: no version 2 of the aws program; its tests will be skipped: $(tail -1 .awscli2/log)" >&2
		return
	fi
	# Debian's modules are found by this environment's Python, and with them what it has itself.
	packages=$(.awscli2/bin/python -c 'import sysconfig; print(sysconfig.get_path("purelib"))')
	dirname "$PWD"/.awscli2/debian/usr/lib/python3/dist-packages/awscli >"$packages/awscli2.pth"
	printf '#!/bin/sh\nexec "%s" -m awscli "$@"\n' "$PWD/.awscli2/bin/python" >.awscli2/aws
	chmod +x .awscli2/aws
	if ! .awscli2/aws --version >>.awscli2/log 2>&1; then
		echo "e2e/setup.sh: version 2 of the aws program does not run here; its tests will be skipped: $(tail -1 .awscli2/log)" >&2
		return
	fi
	mv .awscli2/aws .awscli2/bin/aws
}

for part in ${*:-venv venv-mcp venv-cfn-lint node nginx awscli2}; do
	case $part in
	venv) python_env .venv requirements.txt ;;
	venv-mcp) python_env .venv-mcp requirements-mcp.txt ;;
	venv-cfn-lint) python_env .venv-cfn-lint requirements-cfn-lint.txt ;;
	node) node_modules ;;
	nginx) debian_nginx ;;
	awscli2) aws_version_2 ;;
	*)
		echo "e2e/setup.sh: there is no part $part" >&2
		exit 2
		;;
	esac
done
