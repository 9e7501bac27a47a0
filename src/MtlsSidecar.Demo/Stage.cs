using MtlsSidecar.Demo.Messaging;
using MtlsSidecar.Demo.Pki;
using MtlsSidecar.Demo.Services;
using MtlsSidecar.Demo.Sidecars;

namespace MtlsSidecar.Demo;

/// <summary>
/// Everybody in the story. Two services that speak plain HTTP, <c>orders</c> and <c>users</c>, each with a sidecar; beside <c>orders</c>
/// a message broker, if the machine has one; <c>web</c>, which speaks mutual TLS itself and may call <c>orders</c>; <c>billing</c>, which
/// has a good certificate and may call nobody; and a stranger whose
/// certificate says <c>web</c> but comes from another authority of the same name.
/// </summary>
internal sealed class Stage : IAsyncDisposable
{
    private readonly Belongings _belongings;

    private Stage(Belongings belongings) => _belongings = belongings;

    /// <summary>Where keys, certificates and settings lie.</summary>
    public required string Directory { get; init; }

    /// <summary>The authority that everybody trusts.</summary>
    public required DemoAuthority Authority { get; init; }

    /// <summary>The services and the sidecars beside them.</summary>
    public required Party Orders { get; init; }

    public required Party Users { get; init; }

    /// <summary>The broker beside <c>orders</c>; null: it is not installed.</summary>
    public required MessageBroker? Broker { get; init; }

    /// <summary>Callers without a sidecar.</summary>
    public required Workload Web { get; init; }

    public required Workload Billing { get; init; }

    public required Workload Stranger { get; init; }

    /// <summary>Makes certificates, starts services and sidecars, and returns when the sidecars are ready and know of each other.</summary>
    /// <exception cref="SidecarFailedException">A sidecar did not start.</exception>
    /// <exception cref="AuthorityFailedException">The authority did not.</exception>
    public static async Task<Stage> SetUpAsync(CancellationToken cancellationToken)
    {
        var belongings = new Belongings();
        try
        {
            var directory = belongings.Add(new TemporaryDirectory());
            var authority = await DemoAuthority.CreateAsync(directory.Subdirectory("authority-of-all"), cancellationToken);

            var (ordersWorkload, usersWorkload) = (Enrolling("orders"), Enrolling("users"));

            // What doesn't wait for each other is done side by side: most of the time goes into starting processes.
            var tokens = Task.WhenAll(authority.GrantTokenAsync(ordersWorkload, cancellationToken), authority.GrantTokenAsync(usersWorkload, cancellationToken));
            belongings.Add(await authority.ServeAsync(cancellationToken));
            await tokens;
            var broker = await MessageBroker.TryStartAsync(ordersWorkload.Directory, cancellationToken);
            if (broker is not null)
            {
                belongings.Add(broker);
            }

            var toBroker = SidecarTunnel.ToBroker(MessageBroker.SocketIn(ordersWorkload.Directory));
            var orders = await StartAsync(ordersWorkload, OrdersService.Map, SidecarPolicy.Orders, toBroker);
            var users = await StartAsync(usersWorkload, UsersService.Map, SidecarPolicy.Users, SidecarTunnel.To(ordersWorkload));
            var callers = Task.WhenAll(
                authority.IssueAsync("web", directory.Subdirectory("web"), cancellationToken),
                authority.IssueAsync("billing", directory.Subdirectory("billing"), cancellationToken),
                IssueAsStrangerAsync());
            await Task.WhenAll(orders.Sidecar.BecomeReadyAsync(cancellationToken), users.Sidecar.BecomeReadyAsync(cancellationToken));
            await orders.Sidecar.ConnectAsync(users, cancellationToken);
            await users.Sidecar.ConnectAsync(orders, cancellationToken);

            return new Stage(belongings)
            {
                Directory = directory.Path,
                Authority = authority,
                Orders = orders,
                Users = users,
                Broker = broker,
                Web = (await callers)[0],
                Billing = (await callers)[1],
                Stranger = (await callers)[2],
            };

            Workload Enrolling(string name) => new(name, directory.Subdirectory(name)) { EnrolsItself = true };

            async Task<Party> StartAsync(Workload workload, Action<IEndpointRouteBuilder> map, SidecarPolicy policy, SidecarTunnel tunnel)
            {
                var service = belongings.Add(await LocalService.StartAsync(map, cancellationToken));
                var settings = new SidecarSettings(workload, authority, service.Address, policy, tunnel);
                return new Party(workload, service, belongings.Add(await SidecarProcess.StartAsync(settings, cancellationToken)));
            }

            async Task<Workload> IssueAsStrangerAsync()
            {
                var foreign = await DemoAuthority.CreateAsync(directory.Subdirectory("authority-of-a-stranger"), cancellationToken);
                return await foreign.IssueAsync("web", directory.Subdirectory("stranger"), cancellationToken);
            }
        }
        catch
        {
            await belongings.DisposeAsync();
            throw;
        }
    }

    public ValueTask DisposeAsync() => _belongings.DisposeAsync();
}
