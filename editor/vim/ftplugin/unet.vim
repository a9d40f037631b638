" Settings for .unet files.
if exists('b:did_ftplugin')
  finish
endif
let b:did_ftplugin = 1

setlocal expandtab shiftwidth=2 softtabstop=2
setlocal comments=:///,:// commentstring=//\ %s formatoptions-=t formatoptions+=croql
" `gf` opens the file of a `use`, and completion looks into it.
setlocal include=^\\s*use suffixesadd=.unet

let b:undo_ftplugin = 'setlocal expandtab< shiftwidth< softtabstop< comments< commentstring< formatoptions< include< suffixesadd<'
