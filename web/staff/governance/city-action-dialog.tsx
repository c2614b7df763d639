import { useState } from 'react'
import { useTranslation } from 'react-i18next'
import { Button } from '../../ui/button.tsx'
import { deskApi } from '../../ui/desk/desk-api.ts'
import { focusProblem } from '../../ui/desk/focus-problem.ts'
import { Dialog } from '../../ui/dialog.tsx'
import { Select } from '../../ui/select.tsx'
import { TextField } from '../../ui/text-field.tsx'
import { useAction } from '../../ui/use-request.ts'
import { goTo } from '../../ui/use-route.ts'
import { FileHashField } from './file-hash-field.tsx'
import { problemOf } from './forms.ts'
import { GovernanceProblem } from './governance-problem.tsx'
import { ProgramSelect } from './program-select.tsx'
import type { Draft, Member } from './wire.ts'

export type CityActionType = 'appeal' | 'offer_controller' | 'accept_controller' | 'share_program'

interface CityActionDialogProps {
  readonly type: CityActionType
  readonly city: Member
  onClose(): void
  onDrafted(): void
}

const KEY_HERE = 'here'

/** Drafts something the city does for itself; a second officer approves it. */
export function CityActionDialog({ type, city, onClose, onDrafted }: CityActionDialogProps) {
  const { t } = useTranslation()
  const [hash, setHash] = useState('')
  const [place, setPlace] = useState(KEY_HERE)
  const [address, setAddress] = useState('')
  const [program, setProgram] = useState('')
  const [isChecked, setChecked] = useState(false)
  const problem = {
    appeal: problemOf({ name: 'statement_hash', kind: 'file_hash' }, hash, ''),
    offer_controller: place === KEY_HERE ? undefined : problemOf({ name: 'controller', kind: 'address' }, address, ''),
    accept_controller: undefined,
    share_program: problemOf({ name: 'program_id', kind: 'program' }, program, ''),
  }[type]
  const error = isChecked && problem !== undefined ? t(`governance.problem.${problem}`) : undefined
  const members = {
    appeal: { statement_hash: hash.trim() },
    offer_controller: place === KEY_HERE ? {} : { controller: address.trim() },
    accept_controller: {},
    share_program: { program_id: program },
  }[type]
  const draft = useAction(async () => {
    const created = await deskApi.post<Draft>('/v1/governance/drafts', { action: { type, ...members } }, { idempotent: true })
    onDrafted()
    goTo(`federation/drafts/${created.draft_id}`)
  })
  return (
    <Dialog title={t(`governance.kind.${type}`)} isOpen onClose={onClose}>
      <form
        className="stack" noValidate
        onSubmit={(event) => {
          event.preventDefault()
          setChecked(true)
          if (problem === undefined) void draft.run()
          else focusProblem(event.currentTarget)
        }}
      >
        <p>{t(`governance.kind_text.${type}`)}</p>
        {type === 'appeal' && <FileHashField label={t('governance.field.statement_hash')} value={hash} onChange={setHash} error={error} />}
        {type === 'offer_controller' && (
          <>
            <Select
              label={t('governance.new_key')} value={place} onChange={setPlace}
              options={[{ value: KEY_HERE, label: t('governance.key_here') }, { value: 'elsewhere', label: t('governance.key_outside') }]}
            />
            {place !== KEY_HERE && <TextField label={t('governance.field.address')} value={address} onChange={setAddress} autoComplete="off" error={error} />}
            <p>{t('governance.veto')}</p>
          </>
        )}
        {type === 'share_program' && (
          <ProgramSelect label={t('governance.field.program_id')} value={program} onChange={setProgram} error={error} of={{ city: city.locode }} />
        )}
        <p className="note">{t('governance.four_eyes')}</p>
        <GovernanceProblem error={draft.error} />
        <div className="actions">
          <Button type="submit" kind="primary" isBusy={draft.isRunning}>{t('governance.draft_it')}</Button>
          <Button kind="quiet" onPress={onClose}>{t('desk.cancel')}</Button>
        </div>
      </form>
    </Dialog>
  )
}
