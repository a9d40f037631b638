-- Starts the language server of .unet files in Neovim 0.7 or later: require('unet').setup().
local M = {}

-- The client of each root folder.
local clients = {}

local function root_of(file)
  local folder = vim.fn.fnamemodify(file, ':p:h')
  local git = vim.fn.finddir('.git', vim.fn.escape(folder, ' ,;') .. ';')
  return git == '' and folder or vim.fn.fnamemodify(git, ':p:h:h')
end

--- Attaches the language server to a buffer, and starts it if it is not running in the folder.
--- @param buffer number
--- @param options table the options of vim.lsp.start_client, such as `cmd` and `on_attach`
function M.attach(buffer, options)
  local root = root_of(vim.api.nvim_buf_get_name(buffer))
  local client = clients[root]
  if client == nil or vim.lsp.get_client_by_id(client) == nil then
    local defaults = { name = 'unet', cmd = { 'npx', 'unet', 'lsp', '--stdio' }, root_dir = root }
    client = vim.lsp.start_client(vim.tbl_extend('force', defaults, options or {}))
    clients[root] = client
  end
  if client ~= nil then
    vim.lsp.buf_attach_client(buffer, client)
  end
end

--- Attaches the language server to every .unet file.
--- @param options table|nil the options of vim.lsp.start_client
function M.setup(options)
  vim.api.nvim_create_autocmd('FileType', {
    pattern = 'unet',
    group = vim.api.nvim_create_augroup('unet', { clear = true }),
    callback = function(event)
      M.attach(event.buf, options)
    end,
  })
end

return M
