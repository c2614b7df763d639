import { useId, useState } from 'react'
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
  const [fileName, setFileName] = useState<string>()
  const pick = async (file: File | undefined) => {
    if (file === undefined) return
    onChange(await hashFile(file))
    setFileName(file.name)
  }
  return (
    <div className="stack">
      <TextField label={label} hint={t('governance.file_hint')} value={value} onChange={(text) => { onChange(text); setFileName(undefined) }} autoComplete="off" error={error} />
      <div className="governance-file">
        <input className="visually-hidden" id={id} type="file" onChange={(event) => void pick(event.target.files?.[0])} />
        <label className="button" htmlFor={id}>{t('governance.pick_file')}<span className="visually-hidden">: {label}</span></label>
      </div>
      <p className="field-hint" role="status">{fileName === undefined ? '' : t('governance.file_hashed', { file: fileName })}</p>
    </div>
  )
}
