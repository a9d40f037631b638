-- Run by neovim.test.ts in Neovim: opens a spec with the language server and writes what arrives as JSON.
local main, file, out = vim.env.UNET_MAIN, vim.env.UNET_SPEC, vim.env.UNET_OUT
require('unet').setup({ cmd = { 'node', main, 'lsp', '--stdio' } })
vim.cmd('edit ' .. vim.fn.fnameescape(file))

local function request(method, params)
  local answers = vim.lsp.buf_request_sync(0, method, params, 20000) or {}
  for _, answer in pairs(answers) do
    return answer.result
  end
end

local function at(line, column)
  return { textDocument = vim.lsp.util.make_text_document_params(0), position = { line = line, character = column } }
end

local found = { filetype = vim.bo.filetype, commentstring = vim.bo.commentstring }
vim.wait(30000, function()
  return #vim.diagnostic.get(0) > 0
end)
found.diagnostics = vim.tbl_map(function(each)
  return ('%s:%d %s'):format(each.code or each.user_data.lsp.code, each.lnum + 1, each.message)
end, vim.diagnostic.get(0))
found.hover = request('textDocument/hover', at(1, 8))
found.completion = vim.tbl_map(function(each)
  return each.label
end, request('textDocument/completion', at(4, 19)) or {})
vim.lsp.buf.formatting_sync(nil, 20000)
found.formatted = vim.api.nvim_buf_get_lines(0, 0, -1, false)
vim.fn.writefile({ vim.json.encode(found) }, out)
for _, client in pairs(vim.lsp.get_active_clients()) do
  client.stop()
end
vim.cmd('qa!')
