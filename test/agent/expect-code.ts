import { expect } from 'chai'
import { AgentError, type AgentErrorCode } from '../../agent/errors.ts'

/** Expects an act, now or later, to be refused with a code of the agent. */
export async function expectCode(code: AgentErrorCode, act: () => unknown): Promise<AgentError> {
  let thrown: unknown
  try {
    await act()
  } catch (error) {
    thrown = error
  }
  expect(thrown, `refused with ${code}`).to.be.instanceOf(AgentError)
  expect((thrown as AgentError).code).to.equal(code)
  return thrown as AgentError
}
