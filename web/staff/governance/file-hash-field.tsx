import { useId, useRef, useState } from 'react'
import { useTranslation } from 'react-i18next'
import { TextField } from '../../ui/text-field.tsx'
import { hashFile } from './forms.ts'

interface FileHashFieldProps {
  readonly label: string
  readonly value: string
  onChange(value: string): void
  readonly error: string | undefined
}

/** The SHA-256 of a document: typed in, or of a file that is picked here and read by the browser only. */
export function FileHashField({ label, value, onChange, error }: FileHashFieldProps) {
  const { t } = useTranslation()
  const id = useId()
  const [picked, setPicked] = useState<{ readonly name: string; readonly isRead: boolean }>()
  const turn = useRef(0)
  const type = (text: string) => {
    turn.current += 1
    onChange(text)
    setPicked(undefined)
  }
  const pick = async (file: File | undefined) => {
    if (file === undefined) return
    // Until the file is read the field must not hold the fingerprint of another.
    type('')
    const own = turn.current
    const hash = await hashFile(file).catch(() => undefined)
    // Large files take a while: what was picked or typed since then counts.
    if (own !== turn.current) return
    if (hash !== undefined) onChange(hash)
    setPicked({ name: file.name, isRead: hash !== undefined })
  }
  return (
    <div className="stack">
      <TextField label={label} hint={t('governance.file_hint')} value={value} onChange={type} autoComplete="off" error={error} />
      <div className="governance-file">
        <input
          className="visually-hidden" id={id} type="file"
          onChange={(event) => {
            void pick(event.target.files?.[0])
            // So that the same file can be picked once more.
            event.target.value = ''
          }}
        />
        <label className="button" htmlFor={id}>{t('governance.pick_file')}<span className="visually-hidden">{t('colon')} {label}</span></label>
      </div>
      <p className="field-hint" role="status">{picked?.isRead === true ? t('governance.file_hashed', { file: picked.name }) : ''}</p>
      {picked?.isRead === false && <p className="field-error" role="alert">{t('governance.file_unreadable', { file: picked.name })}</p>}
    </div>
  )
}
