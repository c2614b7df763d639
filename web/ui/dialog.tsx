import type { ReactNode } from 'react'
import { Dialog as AriaDialog } from 'react-aria-components/Dialog'
import { Heading } from 'react-aria-components/Heading'
import { Modal, ModalOverlay } from 'react-aria-components/Modal'
import { Button } from './button.tsx'

export interface DialogProps {
  readonly title: string
  readonly isOpen: boolean
  onClose(): void
  readonly children: ReactNode
  /** `alertdialog` for what must be answered before going on. */
  readonly role?: 'dialog' | 'alertdialog'
}

/** A dialog that holds the focus, closes with Escape and gives the focus back. */
export function Dialog({ title, isOpen, onClose, children, role = 'dialog' }: DialogProps) {
  return (
    <ModalOverlay
      className="dialog-overlay" isOpen={isOpen} isDismissable={role === 'dialog'}
      onOpenChange={(open) => {
        if (!open) onClose()
      }}
    >
      <Modal className="dialog-modal">
        <AriaDialog role={role} className="dialog">
          <Heading slot="title" className="dialog-title">{title}</Heading>
          {children}
        </AriaDialog>
      </Modal>
    </ModalOverlay>
  )
}

export interface ConfirmDialogProps extends Omit<DialogProps, 'role'> {
  readonly confirmLabel: string
  readonly cancelLabel: string
  onConfirm(): void
  readonly isDangerous?: boolean
  readonly isBusy?: boolean
  readonly isConfirmDisabled?: boolean
}

/** Asks before something is done; nothing happens unless it is confirmed. */
export function ConfirmDialog({
  children, confirmLabel, cancelLabel, onConfirm, isDangerous = false, isBusy = false, isConfirmDisabled = false, ...rest
}: ConfirmDialogProps) {
  return (
    <Dialog {...rest} role="alertdialog">
      {children}
      <div className="actions">
        <Button kind={isDangerous ? 'danger' : 'primary'} isBusy={isBusy} isDisabled={isConfirmDisabled} onPress={onConfirm}>
          {confirmLabel}
        </Button>
        <Button kind="quiet" onPress={rest.onClose}>{cancelLabel}</Button>
      </div>
    </Dialog>
  )
}
