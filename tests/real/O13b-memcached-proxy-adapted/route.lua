-- Everything goes to one server: PORT is filled in.
function mcp_config_pools(old)
  mcp.backend_connect_timeout(60)
  return mcp.pool({mcp.backend('behind', '127.0.0.1', PORT)})
end
function mcp_config_routes(pool)
  mcp.attach(mcp.CMD_ANY_STORAGE, function(request) return pool(request) end)
end
