import { useCallback, useEffect, useRef, useState } from 'react'
import { useTranslation } from 'react-i18next'
import { Button } from './button.tsx'
import { readQrFromFile, readQrFromVideo } from './read-qr.ts'
import { TextField } from './text-field.tsx'

/**
 * Reads a code in any of three ways: with the camera, from a picture, or as a pasted link. Nothing leaves the device.
 */
export function QrScanner({ onRead, pasteLabel }: { onRead(text: string): void; pasteLabel?: string }) {
  const { t } = useTranslation()
  const [mode, setMode] = useState<'closed' | 'camera'>('closed')
  const [problem, setProblem] = useState<string>()
  const [pasted, setPasted] = useState('')
  const video = useRef<HTMLVideoElement>(null)
  const file = useRef<HTMLInputElement>(null)
  const report = useRef(onRead)
  useEffect(() => {
    report.current = onRead
  })

  useEffect(() => {
    if (mode !== 'camera' || video.current === null) return
    const abort = new AbortController()
    readQrFromVideo(video.current, abort.signal).then(
      (text) => {
        if (text === undefined) return
        setMode('closed')
        report.current(text)
      },
      () => {
        if (abort.signal.aborted) return
        setMode('closed')
        setProblem(t('scan.no_camera'))
      },
    )
    return () => abort.abort()
  }, [mode, t])

  const readPicture = useCallback(async (picture: File) => {
    setProblem(undefined)
    try {
      report.current(await readQrFromFile(picture))
    } catch {
      setProblem(t('scan.nothing_in_picture'))
    }
  }, [t])

  return (
    <div className="scanner">
      {mode === 'camera'
        ? (
          <div className="scanner-camera">
            <video ref={video} muted playsInline aria-label={t('scan.camera_picture')} />
            <Button onPress={() => setMode('closed')}>{t('scan.stop')}</Button>
          </div>
          )
        : (
          <Button kind="primary" isWide onPress={() => { setProblem(undefined); setMode('camera') }}>{t('scan.camera')}</Button>
          )}
      {problem !== undefined && <p className="note note-bad" role="alert">{problem}</p>}
      <form
        className="scanner-paste"
        onSubmit={(event) => {
          event.preventDefault()
          if (pasted.trim() !== '') report.current(pasted.trim())
        }}
      >
        <TextField label={pasteLabel ?? t('scan.paste')} value={pasted} onChange={setPasted} autoComplete="off" inputMode="url" />
        <Button type="submit" isDisabled={pasted.trim() === ''}>{t('action.go_on')}</Button>
      </form>
      <input
        ref={file} type="file" accept="image/*" hidden aria-hidden="true" tabIndex={-1}
        onChange={(event) => {
          const picture = event.target.files?.[0]
          if (picture !== undefined) void readPicture(picture)
          event.target.value = ''
        }}
      />
      <Button kind="quiet" onPress={() => file.current?.click()}>{t('scan.picture')}</Button>
    </div>
  )
}
