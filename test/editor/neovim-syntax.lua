-- Run by neovim.test.ts in Neovim: writes the highlight group of each place of UNET_PLACES (file -> [line, column]) as JSON.
local found = {}
for file, places in pairs(vim.json.decode(table.concat(vim.fn.readfile(vim.env.UNET_PLACES), '\n'))) do
  vim.cmd('edit ' .. vim.fn.fnameescape(file))
  vim.cmd('syntax sync fromstart')
  found[file] = vim.tbl_map(function(place)
    return vim.fn.synIDattr(vim.fn.synID(place[1], place[2], 1), 'name')
  end, places)
end
vim.fn.writefile({ vim.json.encode(found) }, vim.env.UNET_OUT)
vim.cmd('qa!')
