import type { ColumnKind, OpenDataColumn, OpenDataTable } from './types.ts'

type Columns = readonly (readonly [name: string, kind: ColumnKind, description: string])[]

const block = ['block', 'integer', 'Block in which it was written'] as const
const proposal = ['proposal_id', 'code', 'Proposal that decided it; empty when it was nobody\'s proposal'] as const

/** Every table that is published. docs/open-data.md says the same in prose; a test holds the two against each other. */
export const openDataTables = [
  table('members', 'Members', 'Cities that were ever admitted, and how each stands', [
    ['city', 'code', 'UN/LOCODE'],
    ['name', 'text', 'What the city is called'],
    ['status', 'code', 'pending, active, suspended or removed, as of the block\'s time'],
    ['did', 'text', 'Identifier under which the city signs'],
    ['service_url', 'text', 'Where the city\'s service is'],
    ['controller', 'code', 'Account that acts for the city'],
    ['suspension_reason', 'integer', 'Code of the suspension that runs; empty when none does'],
    ['suspended_until', 'time', 'Last second of the suspension that runs'],
    ['agreement_hash', 'code', 'Hash of the joint-controller agreement'],
    ['dpia_hash', 'code', 'Hash of the data protection impact assessment'],
    ['admitted_at', 'time', 'When it was admitted'],
    ['admitted_block', 'integer', 'Block of the admission'],
    ['admitted_by', 'code', 'Proposal that admitted it; empty for a founding city'],
    ['activated_at', 'time', 'When its membership began to count'],
    ['activated_by', 'code', 'Proposal that activated it; empty for a founding city'],
    ['removed_at', 'time', 'When it left']
  ]),
  table('member_events', 'History of members', 'Everything that happened to a city\'s membership, in the order of the chain', [
    block,
    ['at', 'time', 'Time of the block'],
    ['city', 'code', 'UN/LOCODE'],
    ['event', 'code', 'admitted, activated, suspended, appealed, reinstated, removed, service_url_changed, controller_offered, controller_vetoed, controller_changed or recovery_changed'],
    ['account', 'code', 'Account it is about'],
    ['reason', 'integer', 'Code of a suspension\'s reason'],
    ['until', 'time', 'Last second of a suspension, or first second at which an offer of control can be taken'],
    ['document_hash', 'code', 'Hash of the statement of an appeal'],
    ['text', 'text', 'New address of the service'],
    proposal,
    ['transaction', 'code', 'Transaction that wrote it']
  ], true),
  table('proposals', 'Proposals', 'What was proposed to the cities, and what became of it', [
    block,
    ['proposal_id', 'code', 'Number of the proposal, decimal'],
    ['proposed_at', 'time', 'Time of the block'],
    ['city', 'code', 'City that proposed'],
    ['proposer', 'code', 'Its account'],
    ['description', 'text', 'What it said'],
    ['state', 'code', 'pending, active, cancelled, defeated, succeeded, queued, executable or executed, as of the block\'s time'],
    ['vote_start', 'time', 'Last second before the vote: who holds a seat then may vote'],
    ['vote_end', 'time', 'Last second of the vote'],
    ['seats', 'integer', 'Seats at the start of the vote; empty before'],
    ['quorum', 'integer', 'Votes for or abstaining that were needed; empty before the vote'],
    ['votes_for', 'integer', 'Votes for'],
    ['votes_against', 'integer', 'Votes against'],
    ['votes_abstain', 'integer', 'Abstentions'],
    ['queued_at', 'time', 'When it went into the timelock'],
    ['executable_from', 'time', 'From when anyone may carry it out'],
    ['executed_at', 'time', 'When it was carried out'],
    ['executed_block', 'integer', 'Block in which it was carried out'],
    ['cancelled_at', 'time', 'When it was cancelled']
  ], true),
  table('actions', 'Actions', 'The calls each proposal makes once it is carried out', [
    block,
    ['proposal_id', 'code', 'Number of the proposal'],
    ['position', 'integer', 'Place among the actions of its proposal, from zero'],
    ['target', 'code', 'Address that is called'],
    ['contract', 'code', 'Name the Directory gives that address; empty when it gives none'],
    ['method', 'code', 'What is called; empty when it is none of the contract\'s methods'],
    ['arguments', 'text', 'Arguments by name, as JSON: whole numbers as decimal text, UN/LOCODEs in ASCII, other bytes in hexadecimal'],
    ['calldata', 'code', 'The call as it is']
  ], true),
  table('votes', 'Votes', 'Who voted, how and why', [
    block,
    ['proposal_id', 'code', 'Number of the proposal'],
    ['city', 'code', 'City that voted'],
    ['voter', 'code', 'Its account'],
    ['support', 'code', 'for, against or abstain'],
    ['weight', 'integer', 'Seats behind the vote: one'],
    ['reason', 'text', 'Why'],
    ['voted_at', 'time', 'Time of the block']
  ], true),
  table('accreditations', 'Keys', 'Keys that cities sign cards with, withdrawn and lapsed ones among them', [
    block,
    ['city', 'code', 'City that accredited the key'],
    ['thumbprint', 'code', 'RFC 7638 thumbprint of the key, base64url'],
    ['credential_type', 'text', 'Type of card it signs'],
    ['standing', 'code', 'pending, granted, suspended, withdrawn or expired, as of the block\'s time'],
    ['valid_from', 'time', 'First second at which it may sign'],
    ['valid_until', 'time', 'Last second at which it may sign'],
    ['untrusted_from', 'time', 'First second from which it is not trusted, when it was withdrawn'],
    ['accredited_at', 'time', 'Time of the block'],
    ['withdrawn_at', 'time', 'When it was last withdrawn'],
    ['x', 'code', 'Coordinate of the public key on P-256, base64url'],
    ['y', 'code', 'Coordinate of the public key on P-256, base64url']
  ]),
  table('recognitions', 'Agreements', 'Which city\'s card is good where, and every agreement there was', [
    block,
    ['recogniser', 'code', 'City in which the card is good'],
    ['issuer', 'code', 'City whose card it is'],
    ['credential_type', 'text', 'Type of card'],
    ['benefit_classes', 'code', 'Classes of benefits, separated by spaces'],
    ['in_force', 'boolean', 'Whether it holds as of the block\'s time'],
    ['valid_until', 'time', 'Last second at which it holds'],
    ['granted_at', 'time', 'Time of the block'],
    ['ended_at', 'time', 'When it was withdrawn, or replaced by another']
  ]),
  table('programs', 'Programmes', 'Budgets of points: funded = in escrow + held by merchants + burnt', [
    block,
    ['program_id', 'code', 'Name of the programme on the chain'],
    ['city', 'code', 'City whose programme it is'],
    ['name', 'text', 'What it is called'],
    ['sponsor', 'code', 'Account of the sponsor'],
    ['is_shared', 'boolean', 'Whether the federation funds and ends it'],
    ['is_closed', 'boolean', 'Whether it was closed'],
    ['valid_from', 'time', 'First second at which points are taken'],
    ['valid_until', 'time', 'Last second at which points are taken'],
    ['values', 'code', 'Values of its notes, separated by spaces'],
    ['funded', 'units', 'Points it was funded with'],
    ['in_escrow', 'units', 'Points not redeemed yet'],
    ['redeemed', 'units', 'Points redeemed with merchants'],
    ['held', 'units', 'Points that merchants hold'],
    ['burnt', 'units', 'Points that were burnt: given back for money, or left over at the close'],
    ['redemptions', 'integer', 'Number of redemptions'],
    ['created_at', 'time', 'Time of the block']
  ]),
  table('redemptions', 'Redemptions', 'Points paid to merchants. Whoever paid is written nowhere', [
    block,
    ['log_index', 'integer', 'Place in the block'],
    ['program_id', 'code', 'Programme'],
    ['merchant', 'code', 'Account of the merchant\'s business'],
    ['order_id', 'code', 'Number of the merchant\'s order'],
    ['units', 'units', 'Points'],
    ['notes', 'integer', 'Number of notes'],
    ['redeemed_at', 'time', 'Time of the block'],
    ['transaction', 'code', 'Transaction that wrote it']
  ], true),
  table('settlements', 'Settlements', 'Points that merchants gave back for money', [
    block,
    ['ref', 'code', 'Number of the request'],
    ['program_id', 'code', 'Programme'],
    ['debtor', 'code', 'City that bears it: the programme\'s'],
    ['payer', 'code', 'City that pays: the merchant\'s'],
    ['merchant', 'code', 'Account of the merchant\'s business'],
    ['units', 'units', 'Points'],
    ['requested_at', 'time', 'Time of the block'],
    ['paid_at', 'time', 'When the payer said it had paid'],
    ['bank_reference_hash', 'code', 'Salted hash of the bank\'s reference']
  ], true),
  table('nets', 'Nets', 'What every city is owed by the others, less what it owes them: the sum over all cities is zero', [
    ['city', 'code', 'UN/LOCODE'],
    ['owed_to_it', 'units', 'Points the others owe it'],
    ['owed_by_it', 'units', 'Points it owes the others'],
    ['net', 'units', 'The difference; negative when it owes more than it is owed']
  ]),
  table('debts', 'Debts', 'What one city owes another for what that one\'s merchants took', [
    ['debtor', 'code', 'City that owes'],
    ['creditor', 'code', 'City that is owed'],
    ['accrued', 'units', 'Points the merchants of the creditor gave back'],
    ['settled', 'units', 'Points for which the creditor has received the money'],
    ['owed', 'units', 'The difference']
  ]),
  table('pauses', 'Pauses', 'When the guardian stopped new writes of a contract, for which incident', [
    block,
    ['contract', 'code', 'Name the Directory gives the contract; empty when it gives none'],
    ['target', 'code', 'Address of the contract'],
    ['incident', 'code', 'Name of the incident'],
    ['state', 'code', 'running, ended or cleared, as of the block\'s time'],
    ['paused_at', 'time', 'Time of the block'],
    ['until', 'time', 'Last second of the pause, unless it was cleared before'],
    ['cleared_at', 'time', 'When the federation cleared it'],
    ['cleared_by', 'code', 'Proposal that cleared it']
  ]),
  table('parameters', 'Parameters', 'What the cities govern, and every value it has had', [
    block,
    ['parameter', 'code', 'voting_delay, voting_period, proposal_threshold, quorum, timelock_delay, rotation_delay or guardian'],
    ['value', 'code', 'The value'],
    ['unit', 'code', 'seconds, seats, percent or account'],
    ['is_current', 'boolean', 'Whether it holds as of the block'],
    ['set_at', 'time', 'Time of the block'],
    proposal
  ]),
  table('contracts', 'Contracts', 'The Directory: which contract stands behind each name, and every one that ever did', [
    block,
    ['name', 'text', 'Name of the contract'],
    ['target', 'code', 'Its address; zero when the name was taken out'],
    ['code_hash', 'code', 'EIP-1052 hash of its code'],
    ['is_current', 'boolean', 'Whether the Directory says so as of the block'],
    ['set_at', 'time', 'Time of the block'],
    proposal
  ]),
  table('status_lists', 'Status lists', 'Heads of the lists of revoked and suspended cards: bits that say nothing about whose they are', [
    block,
    ['list_id', 'code', 'Name of the list on the chain'],
    ['city', 'code', 'City whose list it is'],
    ['uri', 'text', 'Address that cards carry'],
    ['size', 'integer', 'Number of entries'],
    ['epoch', 'integer', 'Number of the last update; zero before the first'],
    ['digest', 'code', 'SHA-256 of the list, uncompressed; empty before the first update'],
    ['published_at', 'time', 'Time of the last update, or of the list\'s creation']
  ]),
  table('anchors', 'Anchors', 'Roots of the cities\' logs', [
    block,
    ['city', 'code', 'UN/LOCODE'],
    ['log', 'code', 'issuance, audit or the log\'s number'],
    ['size', 'integer', 'Number of entries'],
    ['root', 'code', 'Root of the Merkle tree (RFC 6962)'],
    ['anchored_at', 'time', 'Time of the block']
  ], true)
] as const satisfies readonly OpenDataTable[]

export type TableName = (typeof openDataTables)[number]['name']

function table<Name extends string>(name: Name, title: string, description: string, columns: Columns, isPaged = false): OpenDataTable & { readonly name: Name } {
  return { name, title, description, columns: columns.map(([column, kind, text]): OpenDataColumn => ({ name: column, kind, description: text })), isPaged }
}
