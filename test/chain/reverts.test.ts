import { expect } from 'chai'
import { AbiCoder, Interface } from 'ethers'
import { errorsAbi } from '../../chain/abi/errors.ts'
import { ChainError } from '../../chain/errors.ts'
import { adviceOf } from '../../chain/revert-advice.ts'
import { codeOfError, decodeRevert, isRevert } from '../../chain/reverts.ts'

const errors = new Interface(errorsAbi)
const note = '0x00000000000000000000000000000000000000AA'
const program = `0x${'12'.repeat(32)}`
const spent = errors.encodeErrorResult('RewardProgramsNoteSpent', [program, note])
const refusal = (rpc: object) => new ChainError('ERR_CHAIN_RPC', 'refused', { cause: rpc })

describe('decodeRevert', () => {
  it('has a code of its own for each custom error of the contracts', () => {
    const names = [...new Set(errorsAbi.map((error) => error.name))]
    const codes = names.map(codeOfError)
    expect(new Set(codes).size).to.equal(names.length)
    for (const code of codes) expect(code).to.match(/^ERR_[A-Z0-9]+(_[A-Z0-9]+)*$/)
    expect(codeOfError('RewardProgramsNoteSpent')).to.equal('ERR_REWARD_PROGRAMS_NOTE_SPENT')
    expect(codeOfError('ERC1155InsufficientBalance')).to.equal('ERR_ERC1155_INSUFFICIENT_BALANCE')
    expect(codeOfError('ECDSAInvalidSignatureS')).to.equal('ERR_ECDSA_INVALID_SIGNATURE_S')
  })

  it('has advice for each of them, one plain sentence that does not name the machinery', () => {
    const errorsOfTheLanguage = ['Error', 'Panic']
    const codes = [...errorsAbi.map((error) => codeOfError(error.name)), 'ERR_CHAIN_PANIC', 'ERR_CHAIN_REVERTED'] as const
    expect(codes.length).to.be.greaterThan(150 - errorsOfTheLanguage.length)
    for (const code of codes) {
      const advice = adviceOf(code)
      expect(advice, code).to.match(/^[A-Z].{15,200}\.$/)
      expect(advice, code).to.not.match(/ERR_|0x|revert|uint|bytes32|msg\.sender/)
    }
    expect(adviceOf('ERR_OF_ANOTHER_ROOM')).to.equal(undefined)
    expect(adviceOf('toString')).to.equal(undefined)
  })

  it('says where a proposal stands, and what is wrong with an action, by a code and advice of its own', () => {
    const codeOf = (name: string, args: readonly unknown[]) => decodeRevert(refusal({ code: 3, message: 'reverted', data: errors.encodeErrorResult(name, args) })).code
    const expected = [
      ['ERR_GOVERNOR_PROPOSAL_PENDING', 'The vote has not begun yet: wait until it has.'],
      ['ERR_GOVERNOR_PROPOSAL_ACTIVE', 'The vote is still open: wait until it has ended.'],
      ['ERR_GOVERNOR_PROPOSAL_CANCELLED', 'The proposal was withdrawn, and its vote is closed: propose it anew if it is still wanted.'],
      ['ERR_GOVERNOR_PROPOSAL_DEFEATED', 'The vote is over, and the proposal was defeated: propose it anew if it is still wanted.'],
      ['ERR_GOVERNOR_PROPOSAL_SUCCEEDED', 'The vote is over, and the proposal was accepted: start its waiting time.'],
      ['ERR_GOVERNOR_PROPOSAL_QUEUED', 'The vote is over, and the proposal waits already: carry it out once its waiting time is over.'],
      ['ERR_GOVERNOR_PROPOSAL_EXPIRED', 'The vote is over, and the proposal has lapsed: propose it anew if it is still wanted.'],
      ['ERR_GOVERNOR_PROPOSAL_EXECUTED', 'The vote is over, and the proposal was carried out: nothing is to be done.']
    ] as const
    const onlyActive = `0x${'2'.padStart(64, '0')}`
    for (const [state, [code, advice]] of expected.entries()) {
      expect(codeOf('GovernorUnexpectedProposalState', [7, state, onlyActive])).to.equal(code)
      expect(adviceOf(code)).to.equal(advice)
      expect(codeOf('GovernorUnexpectedProposalState', [7, state, `0x${'00'.repeat(32)}`])).to.equal('ERR_GOVERNOR_PROPOSAL_EXISTS')
    }
    expect(codeOf('GovernorUnexpectedProposalState', [7, 8, onlyActive])).to.equal('ERR_GOVERNOR_UNEXPECTED_PROPOSAL_STATE')
    expect([0, 1, 2, 3, 4].map((fault) => codeOf('FederationInvalidAction', [0, note, fault]))).to.deep.equal([
      'ERR_FEDERATION_INVALID_ACTION', 'ERR_FEDERATION_ACTION_SENDS_MONEY', 'ERR_FEDERATION_ACTION_CALLS_NOTHING', 'ERR_FEDERATION_ACTION_NO_CODE', 'ERR_FEDERATION_INVALID_ACTION'
    ])
  })

  it('finds the revert data wherever a node puts it', () => {
    const answers = [
      { code: 3, message: 'execution reverted', data: spent },
      { code: -32000, message: 'VM error', data: `Reverted ${spent}` },
      { code: -32603, message: 'Internal error', data: { data: spent } },
      { code: -32603, message: 'Internal error', data: { data: { data: spent } } }
    ]
    for (const answer of answers) {
      expect(isRevert(refusal(answer))).to.equal(true)
      expect(decodeRevert(refusal(answer)).code).to.equal('ERR_REWARD_PROGRAMS_NOTE_SPENT')
    }
    expect(decodeRevert(refusal(answers[0] ?? {})).detail).to.equal(`RewardProgramsNoteSpent(${program}, ${note})`)
  })

  it('finds the error that ethers wrapped', () => {
    const wrapped = Object.assign(new Error('call exception'), { code: 'CALL_EXCEPTION', info: { error: { code: 3, message: 'execution reverted', data: spent } } })
    expect(decodeRevert(wrapped).code).to.equal('ERR_REWARD_PROGRAMS_NOTE_SPENT')
  })

  it('tells plain text, panics, unknown errors and silence apart', () => {
    const coder = AbiCoder.defaultAbiCoder()
    const panic = `0x4e487b71${coder.encode(['uint256'], [17]).slice(2)}`
    const text = `0x08c379a0${coder.encode(['string'], ['no']).slice(2)}`
    const codes = [panic, text, '0xdeadbeef', '0x'].map((data) => decodeRevert(refusal({ code: 3, message: 'reverted', data })).code)
    expect(codes).to.deep.equal(['ERR_CHAIN_PANIC', 'ERR_CHAIN_REVERTED', 'ERR_CHAIN_REVERTED', 'ERR_CHAIN_REVERTED'])
  })

  it('does not take a node that cannot answer for a contract that refuses', () => {
    expect(isRevert(refusal({ code: -32005, message: 'too many requests' }))).to.equal(false)
    expect(isRevert(new ChainError('ERR_CHAIN_UNREACHABLE', 'away'))).to.equal(false)
  })
})
