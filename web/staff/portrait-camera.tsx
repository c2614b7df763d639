import { useEffect, useRef, useState } from 'react'
import { useTranslation } from 'react-i18next'
import { Button } from '../ui/button.tsx'
import { loadPicture } from './portrait-canvas.ts'

interface PortraitCameraProps {
  onTaken(picture: ImageBitmap): void
  onClose(): void
  /** The camera is missing, in use or not allowed. */
  onFailed(): void
}

/** The camera's live picture and a button to take one. The camera is off again as soon as this is closed. */
export function PortraitCamera({ onTaken, onClose, onFailed }: PortraitCameraProps) {
  const { t } = useTranslation()
  const video = useRef<HTMLVideoElement>(null)
  const [isReady, setReady] = useState(false)
  const failed = useRef(onFailed)
  useEffect(() => {
    failed.current = onFailed
  })

  useEffect(() => {
    let isClosed = false
    let stream: MediaStream | undefined
    const stop = () => stream?.getTracks().forEach((track) => track.stop())
    const open = async () => {
      stream = await navigator.mediaDevices.getUserMedia({
        audio: false,
        video: { facingMode: 'user', width: { ideal: 1280 }, height: { ideal: 960 } },
      })
      if (isClosed || video.current === null) return stop()
      video.current.srcObject = stream
      await video.current.play()
      setReady(true)
    }
    open().catch(() => {
      if (!isClosed) failed.current()
    })
    return () => {
      isClosed = true
      stop()
    }
  }, [])

  const take = async () => {
    if (video.current === null) return
    const canvas = document.createElement('canvas')
    canvas.width = video.current.videoWidth
    canvas.height = video.current.videoHeight
    canvas.getContext('2d')?.drawImage(video.current, 0, 0)
    const blob = await new Promise<Blob | null>((resolve) => { canvas.toBlob(resolve, 'image/png') })
    if (blob === null) onFailed()
    else onTaken(await loadPicture(blob))
  }

  return (
    <div className="portrait-camera">
      <video ref={video} muted playsInline aria-label={t('portrait.live')} />
      <div className="actions">
        <Button kind="primary" isDisabled={!isReady} onPress={() => void take()}>{t('portrait.take')}</Button>
        <Button kind="quiet" onPress={onClose}>{t('desk.cancel')}</Button>
      </div>
    </div>
  )
}
