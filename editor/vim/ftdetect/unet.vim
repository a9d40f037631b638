autocmd BufRead,BufNewFile *.unet setfiletype unet
