namespace MtlsSidecar.Demo.Services;

/// <summary>An order, as <c>orders</c> answers it, with who asked.</summary>
internal sealed record Order(int Id, string Item, int User, Caller AskedBy);
