namespace MtlsSidecar.Proxy.Listeners;

/// <summary>A listener that can't be opened: its address is taken, not this machine's, or not for this user. Nothing has been served.</summary>
public sealed class ListenException : IOException
{
    internal ListenException(SidecarListener listener, Exception cause)
        : base($"{listener.Key}: can't listen on {listener.Address}: {cause.Message}", cause)
        => (Key, Address) = (listener.Key, listener.Address.ToString());

    /// <summary>The full key of the address.</summary>
    public string Key { get; }

    /// <summary>The address.</summary>
    public string Address { get; }
}
