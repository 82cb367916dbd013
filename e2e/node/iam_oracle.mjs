// Answers policy questions, one JSON object a line on standard input, with another evaluator than cfdoctor's:
// what does this resource policy alone say? It runs as a process of its own and is no part of the program.
import { createInterface } from 'node:readline'
import { runSimulation } from '@cloud-copilot/iam-simulate'

for await (const line of createInterface({ input: process.stdin })) {
  const asked = JSON.parse(line)
  const answer = await runSimulation(
    {
      request: {
        principal: asked.principal === '' ? { type: 'Anonymous' } : asked.principal,
        action: asked.action,
        resource: { resource: asked.resource, accountId: '111122223333' },
        contextVariables: asked.context,
      },
      identityPolicies: [],
      serviceControlPolicies: [],
      resourceControlPolicies: [],
      resourcePolicy: asked.policy,
      additionalSettings: { s3: { bucketAbacEnabled: true } },
    },
    {},
  )
  const said =
    answer.resultType === 'single'
      ? { result: answer.result.analysis.resourceAnalysis?.result ?? 'none', ignored: answer.result.ignoredContextKeys }
      : { result: 'error', error: JSON.stringify(answer.errors ?? answer.resultType) }
  process.stdout.write(JSON.stringify(said) + '\n')
}
